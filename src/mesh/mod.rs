//! What is known of all files together: cards and facts, and the document that mesh rules see.
//! Grows with entities, not with documents.

mod card;
mod cards;
mod components;
mod counts;
mod cycles;
mod downstream;
mod facts;
mod governed;
mod groups;
mod ids;
mod links;
mod moves;
mod names;
mod pairs;
mod rule_facts;

pub use card::{Card, Presence, make_card};
pub use cards::Mesh;
pub use downstream::find_affected;
pub use facts::{Facts, FactsBuilder};
pub use governed::Governance;
pub use ids::Ids;
pub use moves::Moves;
pub use pairs::{EntityPair, pair_entities};
pub use rule_facts::RuleFacts;
