//! Operators use the console over HTTP: they sign in, find page sessions, and make the changes that their role allows.

mod accounts_are_administered;
mod desk;
mod operator_signs_in;
mod overview_counts;
mod roles_decide;
mod sessions_are_found;
