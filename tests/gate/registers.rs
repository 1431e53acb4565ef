//! Registers are governed entry by entry.

use super::Pull;
use crate::cli::{REGISTER, contract, orphan};

fn team(name: &str) -> String {
    format!("apiVersion: govcheck/v1\nkind: Register\nteams: [{name}]\n")
}

#[test]
fn a_team_that_a_change_adds_in_its_own_folder_does_not_exist() {
    let pull = Pull::sound();
    pull.file("domains/s/b.odcs.yaml", orphan("b"))
        .file("domains/s/teams.yaml", team("nobody-here"));
    for ran in [pull.judge(&[]), pull.judge_commit(".", &[])] {
        ran.says(1, &["names team `nobody-here`", "policies/not-in-force"]);
    }
    // Nor does a group of a Backstage catalog.
    pull.remove("domains/s/teams.yaml").file(
        "domains/s/catalog-info.yaml",
        "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: nobody-here}\nspec: {type: team, children: []}\n",
    );
    pull.judge(&[]).says(1, &["names team `nobody-here`"]);
}

#[test]
fn a_team_that_a_change_adds_to_the_register_of_the_base_exists() {
    let pull = Pull::sound();
    let register = REGISTER.replace(
        "  - name: sales-data\n",
        "  - name: sales-data\n  - name: nobody-here\n",
    );
    pull.file("domains/s/b.odcs.yaml", orphan("b"))
        .file("register.yaml", register);
    pull.judge(&[]).says(0, &[]);
    pull.judge_commit(".", &[]).says(0, &[]);
}

#[test]
fn registers_in_the_config_of_the_base_say_which_files_may_add_entries() {
    let good = contract("a");
    let config = "version: 1\nregisters: governance/**\n";
    let pull = Pull::new(&[
        ("govcheck.yaml", config),
        ("register.yaml", REGISTER),
        ("domains/s/a.odcs.yaml", &good),
    ]);
    let register = REGISTER.replace(
        "  - name: sales-data\n",
        "  - name: sales-data\n  - name: nobody-here\n",
    );
    pull.file("domains/s/b.odcs.yaml", orphan("b"))
        .file("register.yaml", register)
        // The config of the head has no effect.
        .file("govcheck.yaml", "version: 1\nregisters: '**'\n");
    pull.judge(&[]).says(1, &["names team `nobody-here`"]);
    pull.file("register.yaml", REGISTER)
        .file("governance/teams.yaml", team("nobody-here"));
    pull.judge(&[]).says(0, &[]);
}

#[test]
fn an_entry_that_a_change_removes_hides_or_breaks_still_counts() {
    let change = |edit: &dyn Fn(&Pull)| {
        let pull = Pull::sound();
        pull.file("domains/s/b.odcs.yaml", orphan("b"));
        edit(&pull);
        for ran in [pull.judge(&[]), pull.judge_commit(".", &[])] {
            assert_ne!(ran.code, Some(0), "{}{}", ran.out, ran.err);
            assert!(ran.out.contains("names team `nobody-here`"), "{}", ran.out);
            assert!(!ran.out.contains("names team `sales-data`"), "{}", ran.out);
        }
    };
    change(&|pull| {
        pull.remove("register.yaml");
    });
    change(&|pull| {
        pull.file(".hidden/register.yaml", REGISTER)
            .remove("register.yaml");
    });
    change(&|pull| {
        pull.file("register.txt", REGISTER).remove("register.yaml");
    });
    change(&|pull| {
        pull.file(".gitignore", "register.yaml\n");
    });
    change(&|pull| {
        pull.file("register.yaml", "apiVersion: govcheck/v1\nkind: Register\n");
    });
    change(&|pull| {
        pull.file("register.yaml", format!("{REGISTER}: [\n"));
    });
}

#[test]
fn the_first_register_of_a_mesh_counts_once_it_is_merged() {
    let good = contract("a");
    let pull = Pull::new(&[("domains/s/a.odcs.yaml", &good)]);
    pull.file("register.yaml", team("another"));
    pull.judge(&[]).says(0, &[]);
}

#[test]
fn an_edited_formula_of_the_register_is_judged_and_not_in_force() {
    let register = |formula: &str| {
        format!(
            "{REGISTER}kpis:\n  - name: net-revenue\n    formula: {formula}\n    unit: EUR\n    grain: day\n    owner: sales-data\n    description: Revenue of a day without returns.\n"
        )
    };
    let pull = Pull::new(&[("register.yaml", &register("SUM(net)"))]);
    pull.file("register.yaml", register("SUM(gross)"));
    for ran in [pull.judge(&[]), pull.judge_commit(".", &[])] {
        assert!(
            ran.out.contains("kpi/formula-changed"),
            "{}{}",
            ran.out,
            ran.err
        );
        assert!(ran.out.contains("policies/not-in-force"), "{}", ran.out);
    }
}
