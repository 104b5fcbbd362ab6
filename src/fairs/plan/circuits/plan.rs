//! Which circuits fit into the booths? Every employer in turn drives the best circuit that the booths left over allow; then
//! some give theirs back and try again in another order.
#![expect(clippy::indexing_slicing, reason = "indices are checked once in `Circuits::sound`")]

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};

use super::path::Path;
use super::{Circuits, Employer};

/// How many employers a shake sends anew at least.
const SHAKEN_MIN: usize = 3;
/// How many it sends anew at most.
const SHAKEN_MAX: usize = 10;

/// Circuits under construction, with the booths that are left.
pub struct Plan<'a> {
    world: &'a Circuits,
    left: Vec<i64>,
    /// The fairs of each employer, by day.
    pub circuits: Vec<Vec<usize>>,
    /// What they are worth.
    pub value: i64,
    /// The employers who could go to a fair.
    comers: Vec<Vec<usize>>,
    /// No prices at all.
    free: Vec<f64>,
    path: Path,
}

impl<'a> Plan<'a> {
    /// Begins with nobody on the road.
    pub fn new(world: &'a Circuits) -> Plan<'a> {
        let mut comers = vec![Vec::new(); world.fairs.len()];
        for (at, employer) in world.employers.iter().enumerate() {
            employer.stops.iter().for_each(|stop| comers[stop.fair].push(at));
        }
        comers.retain(|some: &Vec<usize>| !some.is_empty());
        Plan {
            world,
            comers,
            free: vec![0.0; world.fairs.len()],
            left: world.fairs.iter().map(|fair| fair.booths).collect(),
            circuits: vec![Vec::new(); world.employers.len()],
            value: 0,
            path: Path::default(),
        }
    }

    /// Sends every employer in a random order on its best circuit at these prices, then again at none, to fill what is left.
    pub fn fill(&mut self, price: &[f64], random: &mut StdRng) {
        let mut order: Vec<usize> = (0..self.world.employers.len()).collect();
        order.shuffle(random);
        self.send_all(&order, price);
    }

    /// Gives back the circuits of some employers who could meet at one fair and sends them anew; keeps what is not worse.
    pub fn shake(&mut self, price: &[f64], random: &mut StdRng) {
        let some = self.draw(random);
        let before = self.value;
        let stood: Vec<Vec<usize>> = some.iter().map(|employer| self.take_back(*employer)).collect();
        self.send_all(&some, price);
        if self.value < before {
            for &employer in &some {
                self.take_back(employer);
            }
            for (&employer, circuit) in some.iter().zip(stood) {
                self.put(employer, circuit);
            }
        }
    }

    fn draw(&self, random: &mut StdRng) -> Vec<usize> {
        let Some(comers) = self.comers.choose(random) else { return Vec::new() };
        let count = random.random_range(SHAKEN_MIN..=SHAKEN_MAX);
        let mut some: Vec<usize> = comers.choose_multiple(random, count).copied().collect();
        some.shuffle(random);
        some
    }

    fn send_all(&mut self, order: &[usize], price: &[f64]) {
        for &employer in order {
            self.send(employer, price);
        }
        let free = std::mem::take(&mut self.free);
        for &employer in order {
            self.send(employer, &free);
        }
        self.free = free;
    }

    fn send(&mut self, employer: usize, price: &[f64]) {
        self.take_back(employer);
        let (world, left) = (self.world, &self.left);
        self.path.best(world, &world.employers[employer], price, |stop| left[stop.fair] >= stop.booths);
        let circuit = self.path.fairs.clone();
        self.put(employer, circuit);
    }

    fn take_back(&mut self, employer: usize) -> Vec<usize> {
        let circuit = std::mem::take(&mut self.circuits[employer]);
        self.value -= self.book(employer, &circuit, 1);
        circuit
    }

    fn put(&mut self, employer: usize, circuit: Vec<usize>) {
        self.value += self.book(employer, &circuit, -1);
        self.circuits[employer] = circuit;
    }

    /// Gives booths back or takes them, and gives the worth of the circuit.
    fn book(&mut self, employer: usize, circuit: &[usize], sign: i64) -> i64 {
        let Employer { stops, .. } = &self.world.employers[employer];
        let mut value = 0;
        for (n, fair) in circuit.iter().enumerate() {
            if let Some(stop) = stops.iter().find(|stop| stop.fair == *fair) {
                self.left[*fair] += sign * stop.booths;
                value += stop.value;
            }
            if n > 0 {
                value += self.world.leg(circuit[n - 1], *fair).unwrap_or(0);
            }
        }
        value
    }
}
