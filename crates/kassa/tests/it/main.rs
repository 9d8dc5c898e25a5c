//! The command from outside, and the house it is built in.

mod generated_pages;
mod house;
mod tidy;
mod workspace;
