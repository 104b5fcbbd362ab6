DROP TABLE placement_graduates;
DROP TABLE placements;
