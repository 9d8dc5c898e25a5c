//! Three processes: `kassa serve` with an external payment system, the example adapter for PayU, and the public
//! simulator of PayU. The tests need the simulator, which `./test` installs.

pub mod front;
mod orders_survive_kills;
mod probe;
mod secrets_stay_inside;
