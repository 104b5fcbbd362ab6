//! What does a word mean? Text of people and feeds turned into typed values. Pure; the facts stand in `index/`.

pub mod place;
