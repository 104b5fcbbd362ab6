//! How good is search on real postings? Recall and precision against literal truth; skipped where the postings are not.
