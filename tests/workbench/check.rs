//! `govcheck policy check`.

use crate::cli::Mesh;

const GOOD: &str = r#"deny contains {"message": "never", "at": ["id"]} if input.id == "nowhere""#;

#[test]
fn a_pack_without_mistakes_is_clean() {
    let mesh = Mesh::with_rule("kpi/house", GOOD);
    mesh.run(&["policy", "check"]).says(0, &["no mistakes"]);
}
