//! How is a timetable instance written down in a file? Reads `timetable-c/1` (JSON) into `Interviews`.

use serde::Deserialize;

use super::model::{Employer, Graduate, Interviews, SLOTS_MAX, Slots, Wish, first_slots};

/// A timetable's wishes, as in the file.
#[derive(Debug, Deserialize)]
pub struct Instance {
    slots: usize,
    employers: Vec<FileEmployer>,
    graduates: Vec<FileGraduate>,
}

#[derive(Debug, Deserialize)]
struct FileEmployer {
    interviewers: usize,
    closed: Vec<usize>,
}

#[derive(Debug, Deserialize)]
struct FileGraduate {
    closed: Vec<usize>,
    max_interviews: usize,
    wishes: Vec<(usize, i64)>,
}

impl Instance {
    /// Makes the problem; `None` when something points at what is not there.
    pub fn interviews(&self) -> Option<Interviews> {
        if self.slots > SLOTS_MAX {
            return None;
        }
        let open = |closed: &[usize]| {
            let closed = closed.iter().filter(|slot| **slot < self.slots);
            first_slots(self.slots) & !closed.fold(0, |set: Slots, slot| set | 1 << slot)
        };
        let employer = |employer: &FileEmployer| Employer { interviewers: employer.interviewers, open: open(&employer.closed) };
        let graduate = |graduate: &FileGraduate| Graduate { most: graduate.max_interviews, open: open(&graduate.closed) };
        let wishes = self.graduates.iter().enumerate().flat_map(|(at, graduate)| {
            graduate.wishes.iter().map(move |(employer, weight)| Wish { graduate: at, employer: *employer, weight: *weight })
        });
        let interviews = Interviews {
            slots: self.slots,
            employers: self.employers.iter().map(employer).collect(),
            graduates: self.graduates.iter().map(graduate).collect(),
            wishes: wishes.collect(),
        };
        interviews.sound().then_some(interviews)
    }
}
