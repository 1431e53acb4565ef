//! Bundles: written, signed, verified, pinned; and those that are made to deceive.

use std::fs;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use govcheck::policy::bundle::{
    Algorithm, Bundle, BundleVerification, Signing, SigningKey, write_bundle,
};
use govcheck::policy::source::{PackFile, PackSource};
use tar::{Builder, EntryType, Header};

use crate::cli::{Mesh, rule};

const LOUD: &str = r#"deny contains {"message": "found", "at": ["id"]} if input.id"#;
const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

fn keys(name: &str) -> Vec<u8> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/workbench/keys");
    fs::read(folder.join(name)).unwrap()
}

type Entry<'e> = (&'e str, EntryType, &'e [u8]);
type Texts = Vec<(String, String)>;

/// Entries as given, valid or not.
fn tarball(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut archive = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, kind, bytes) in entries {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(bytes.len() as u64);
        if *kind != EntryType::Regular {
            header.set_link_name("kpi/house.rego").unwrap();
        }
        header.set_cksum();
        archive.append(&header, *bytes).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

fn files(entries: &[(&str, &str)]) -> Vec<u8> {
    let entries: Vec<_> = entries
        .iter()
        .map(|(path, text)| (*path, EntryType::Regular, text.as_bytes()))
        .collect();
    tarball(&entries)
}

fn entries(bundle: &[u8]) -> Texts {
    let mut archive = tar::Archive::new(GzDecoder::new(bundle));
    let read = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut entry, &mut text).unwrap();
        (path, text)
    };
    archive.entries().unwrap().map(read).collect()
}

/// The bundle with other files in it.
fn changed(bundle: &[u8], change: impl Fn(&mut Texts)) -> Vec<u8> {
    let mut all = entries(bundle);
    change(&mut all);
    let all: Vec<(&str, &str)> = all
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    files(&all)
}

fn open(bundle: &[u8], verification: &BundleVerification) -> Result<(), String> {
    let opened = Bundle::open(bundle, verification);
    opened
        .map(|_| ())
        .map_err(|error| format!("{error} / {}", error.help))
}

#[track_caller]
fn refuses(bundle: &[u8], verification: &BundleVerification, why: &str) {
    let error = open(bundle, verification).unwrap_err();
    assert!(error.contains(why), "no {why:?} in {error}");
}

fn source() -> PackSource {
    let file = |path: &str, text: String| PackFile {
        path: path.to_owned(),
        text,
    };
    let files = vec![
        file("kpi/house.rego", rule("kpi/house", LOUD)),
        file("kpi/house.yaml", "examples: []\n".to_owned()),
    ];
    PackSource::of("pack", files).unwrap()
}

fn signed(algorithm: Algorithm, key: &[u8]) -> Vec<u8> {
    let signing = Signing {
        key: SigningKey::new(algorithm, key).unwrap(),
        key_id: Some("k1".to_owned()),
        scope: Some("mesh".to_owned()),
    };
    write_bundle(&source(), Some("v1"), Some(&signing)).unwrap()
}

fn by(algorithm: Algorithm, key: &[u8]) -> BundleVerification {
    BundleVerification {
        key: Some(key.to_vec()),
        algorithm,
        key_id: Some("k1".to_owned()),
        scope: Some("mesh".to_owned()),
        unsigned: false,
    }
}

#[test]
fn hostile_archives_are_refused() {
    use EntryType::{Link, Regular, Symlink};
    let house = rule("kpi/house", LOUD);
    let cases: [(&[Entry<'_>], &str); 7] = [
        (
            &[("../kpi/house.rego", Regular, b"x")],
            "is not a plain path inside the bundle",
        ),
        (
            &[("kpi/../../house.rego", Regular, b"x")],
            "is not a plain path inside the bundle",
        ),
        (
            &[("//etc/passwd", Regular, b"x")],
            "is not a plain path inside the bundle",
        ),
        (
            &[("C:\\kpi\\house.rego", Regular, b"x")],
            "characters that are not allowed",
        ),
        (&[("kpi/house.rego", Symlink, b"")], "is a link"),
        (&[("kpi/house.rego", Link, b"")], "is a link"),
        (
            &[
                ("kpi/house.rego", Regular, house.as_bytes()),
                ("./kpi/house.rego", Regular, b"x"),
            ],
            "contains `",
        ),
    ];
    for (entries, why) in cases {
        refuses(&tarball(entries), &BundleVerification::default(), why);
    }
    refuses(
        b"PK\x03\x04",
        &BundleVerification::default(),
        "not a `.tar.gz` archive",
    );
    refuses(
        &tarball(&[]),
        &BundleVerification::default(),
        "the bundle is empty",
    );
    let cut = files(&[("kpi/house.rego", &house)]);
    refuses(
        &cut[..cut.len() / 2],
        &BundleVerification::default(),
        "not a `.tar.gz` archive",
    );
}

#[test]
fn a_decompression_bomb_is_refused_while_it_is_read() {
    let bomb = files(&[("kpi/house.rego", &"\n".repeat(16 * 1024 * 1024))]);
    assert!(bomb.len() < 128 * 1024);
    refuses(
        &bomb,
        &BundleVerification::default(),
        "unpacks to more than",
    );
}

#[test]
fn a_manifest_that_lies_is_refused() {
    let house = rule("kpi/house", LOUD);
    let with = |manifest: &str| files(&[(".manifest", manifest), ("kpi/house.rego", &house)]);
    let none = BundleVerification::default();
    refuses(
        &with(r#"{"roots": ["govcheck/security"]}"#),
        &none,
        "is outside the roots",
    );
    refuses(
        &with(r#"{"roots": ["govcheck/kp"]}"#),
        &none,
        "is outside the roots",
    );
    refuses(
        &with(r#"{"roots": ["govcheck", "govcheck/kpi"]}"#),
        &none,
        "overlap",
    );
    refuses(&with(r#"{"rego_version": 0}"#), &none, "Rego v0");
    refuses(&with("{"), &none, "cannot read `.manifest`");
    assert_eq!(open(&with(r#"{"roots": ["govcheck/kpi"]}"#), &none), Ok(()));
    assert_eq!(open(&with("{}"), &none), Ok(()));
}

#[test]
fn what_was_signed_holds_for_each_algorithm_and_no_other_key() {
    let pairs = [
        (Algorithm::Rs256, keys("rsa.pem"), keys("rsa.pub")),
        (Algorithm::Es256, keys("ec.pem"), keys("ec.pub")),
        (Algorithm::Hs256, SECRET.to_vec(), SECRET.to_vec()),
    ];
    for (algorithm, private, public) in &pairs {
        let bundle = signed(*algorithm, private);
        assert_eq!(
            open(&bundle, &by(*algorithm, public)),
            Ok(()),
            "{algorithm:?}"
        );
        assert_eq!(
            bundle,
            signed(*algorithm, private),
            "{algorithm:?}: the same bytes"
        );
    }
    let (rsa, secret) = (&pairs[0], [1; 32]);
    refuses(
        &signed(Algorithm::Hs256, SECRET),
        &by(Algorithm::Hs256, &secret),
        "signature of the bundle is invalid",
    );
    // The public key of RSA is not secret: nobody may be able to sign with it.
    let forged = signed(Algorithm::Hs256, &rsa.2);
    refuses(
        &forged,
        &by(Algorithm::Rs256, &rsa.2),
        "uses `HS256`, but `govcheck.yaml` requires `RS256`",
    );
    refuses(
        &signed(Algorithm::Rs256, &rsa.1),
        &by(Algorithm::Rs256, b"no key"),
        "the file is not a public key",
    );
    refuses(
        &signed(Algorithm::Hs256, SECRET),
        &by(Algorithm::Hs256, b""),
        "fewer than 32 bytes",
    );
}

#[test]
fn what_opa_signed_holds_here() {
    for (file, algorithm, key) in [
        ("opa-rs256.tar.gz", Algorithm::Rs256, "rsa.pub"),
        ("opa-es256.tar.gz", Algorithm::Es256, "ec.pub"),
    ] {
        let verification = BundleVerification {
            key: Some(keys(key)),
            algorithm,
            ..BundleVerification::default()
        };
        assert_eq!(open(&keys(file), &verification), Ok(()), "{file}");
        let other = changed(&keys(file), |files| {
            let data = files
                .iter_mut()
                .find(|(path, _)| path.ends_with("data.json"))
                .unwrap();
            data.1 = data.1.replace("2.5", "2.6");
        });
        refuses(
            &other,
            &verification,
            "`data.json` differs from the signed file",
        );
    }
}

#[test]
fn a_signature_that_does_not_fit_its_bundle_is_refused() {
    let bundle = signed(Algorithm::Hs256, SECRET);
    let key = by(Algorithm::Hs256, SECRET);
    let refuse = |change: &dyn Fn(&mut Texts), why: &str| {
        refuses(&changed(&bundle, change), &key, why);
    };
    refuse(
        &|files| files.retain(|(path, _)| path != "kpi/house.yaml"),
        "the bundle lacks `kpi/house.yaml`, which its signature lists",
    );
    refuse(
        &|files| files.push(("kpi/more.rego".to_owned(), "package x".to_owned())),
        "the signature does not cover `kpi/more.rego`",
    );
    // An old signature.
    refuse(
        &|files| files[2].1.push_str("# changed\n"),
        "differs from the signed file",
    );
    refuse(
        &|files| files.retain(|(path, _)| path != ".signatures.json"),
        "the bundle is not signed",
    );
    let signature = |text: &'static str| move |files: &mut Texts| files[1].1 = text.to_owned();
    // {"alg":"none"} and {"files":[]}
    refuse(
        &signature(r#"{"signatures":["eyJhbGciOiJub25lIn0.eyJmaWxlcyI6W119."]}"#),
        "uses `none`, but `govcheck.yaml` requires `HS256`",
    );
    refuse(
        &signature(r#"{"signatures":[]}"#),
        "has 0 signatures instead of one",
    );
    refuse(
        &signature(r#"{"signatures":["a"]}"#),
        "not a JSON web token",
    );
    refuse(
        &signature(r#"{"signatures":["a.b.c"],"plugin":"own"}"#),
        "uses the plugin `own`",
    );

    let other = |verification: BundleVerification, why: &str| refuses(&bundle, &verification, why);
    other(
        BundleVerification {
            key_id: Some("k2".to_owned()),
            ..key.clone()
        },
        "signed with key `k1`, but `govcheck.yaml` requires `k2`",
    );
    other(
        BundleVerification {
            scope: None,
            ..key.clone()
        },
        "signed for scope `mesh`, but `govcheck.yaml` requires ``",
    );
    let unsigned = write_bundle(&source(), None, None).unwrap();
    assert_eq!(
        open(
            &unsigned,
            &BundleVerification {
                unsigned: true,
                ..key
            }
        ),
        Ok(())
    );
}

/// A mesh with a bundle of one rule, whose folder is gone.
fn bundled(arguments: &[&str]) -> Mesh {
    let mesh = Mesh::with_rule("kpi/house", LOUD);
    mesh.file("key.pem", keys("rsa.pem"))
        .file("key.pub", keys("rsa.pub"));
    let all = [
        &["policy", "bundle", "pack", "-o", "rules.tar.gz"],
        arguments,
    ]
    .concat();
    mesh.run(&all)
        .says(0, &["rules.tar.gz: 1 rules", "sha256:"]);
    fs::remove_dir_all(mesh.path().join("pack")).unwrap();
    mesh.file(
        "govcheck.yaml",
        "version: 1\npacks: [{path: rules.tar.gz, key: key.pub}]\n",
    );
    mesh
}

#[test]
fn a_signed_bundle_judges_as_its_folder_did() {
    let mesh = bundled(&["--sign-key", "key.pem"]);
    mesh.run(&[]).says(1, &["error[kpi/house]: found"]);
    mesh.run(&["--policies-from", "HEAD"])
        .refuses(2, &["no commit yet"]);
    mesh.git_command(&["add", "."]);
    mesh.git_command(&["commit", "-qm", "x"]);
    fs::remove_file(mesh.path().join("rules.tar.gz")).unwrap();
    mesh.run(&["--policies-from", "HEAD"])
        .says(1, &["error[kpi/house]: found"]);
    mesh.run(&[]).refuses(2, &["`rules.tar.gz` does not exist"]);
}

#[test]
fn an_unsigned_bundle_is_refused_where_a_key_is_named() {
    let mesh = bundled(&[]);
    mesh.run(&[]).refuses(
        2,
        &[
            "cannot read pack `rules.tar.gz`: the bundle is not signed",
            "unsigned: allow",
        ],
    );
    mesh.file(
        "govcheck.yaml",
        "version: 1\npacks: [{path: rules.tar.gz, key: key.pub, unsigned: allow}]\n",
    );
    mesh.run(&[]).says(1, &["error[kpi/house]: found"]);
    mesh.file("govcheck.yaml", "version: 1\npacks: [rules.tar.gz]\n");
    mesh.run(&[]).says(1, &["error[kpi/house]: found"]);
}

#[test]
fn a_lock_that_does_not_match_is_refused() {
    let mesh = bundled(&["--sign-key", "key.pem"]);
    mesh.run(&["policy", "lock"])
        .says(0, &["rules.tar.gz: sha256:", "1 packs pinned"]);
    mesh.run(&[]).says(1, &["error[kpi/house]: found"]);
    let lock = fs::read_to_string(mesh.path().join("govcheck.lock")).unwrap();
    mesh.file("govcheck.lock", lock.replace("sha256:", "sha256:0"));
    let both = [
        "does not match `govcheck.lock`: its digest is `sha256:",
        "the lock has `sha256:0",
        "govcheck policy lock",
    ];
    mesh.run(&[]).refuses(2, &both);
    mesh.file("govcheck.lock", "version: 1\npacks: {}\n");
    mesh.run(&[]).refuses(2, &["is not in `govcheck.lock`"]);
    mesh.file("govcheck.lock", "version: 2\n");
    mesh.run(&[]).refuses(2, &["unknown version `2`"]);
}

#[test]
fn a_folder_at_a_revision_judges_and_is_pinned() {
    let rules = Mesh::with_rule("kpi/house", LOUD);
    rules.git_command(&["add", "."]);
    rules.git_command(&["commit", "-qm", "x"]);
    rules.git_command(&["tag", "v1"]);
    rules.file(
        "pack/kpi/house.rego",
        rule("kpi/house", "deny contains {} if false"),
    );
    let mesh = Mesh::sound();
    let pack = |rest: &str| format!("version: 1\npacks: [\"git+{rest}\"]\n");
    let address = format!("file://{}", rules.path().display());
    mesh.file("govcheck.yaml", pack(&format!("{address}#v1:pack")));
    mesh.run(&[]).says(1, &["error[kpi/house]: found"]);
    mesh.run(&["policy", "lock"]).says(0, &["1 packs pinned"]);
    mesh.run(&[]).says(1, &["error[kpi/house]: found"]);
    rules.git_command(&["commit", "-qam", "y"]);
    rules.git_command(&["tag", "-f", "v1"]);
    mesh.run(&[])
        .refuses(2, &["does not match `govcheck.lock`"]);
    for (rest, why) in [
        (address.clone(), "has no revision"),
        (format!("{address}#v2:pack"), "unknown revision `v2`"),
        (
            "https://acme.example/rules.git#v1:pack".to_owned(),
            "govcheck never fetches during a run",
        ),
    ] {
        mesh.file("govcheck.yaml", pack(&rest));
        mesh.run(&[]).refuses(2, &[why]);
    }
}

#[test]
fn mistakes_in_the_config_of_a_pack_have_their_line() {
    let mesh = Mesh::sound();
    for (entry, why) in [
        (
            "{path: a.tar.gz, kye: b}",
            "unknown key `kye`; did you mean `key`?",
        ),
        (
            "{path: a.tar.gz, key: b, algorithm: none}",
            "unknown signature algorithm `none`",
        ),
        (
            "{path: a.tar.gz, unsigned: refuse}",
            "`unsigned` has no effect without a `key`",
        ),
        (
            "{path: a.tar.gz, key: b, unsigned: yes}",
            "`unsigned` must be `refuse` or `allow`, not `yes`",
        ),
    ] {
        mesh.file(
            "govcheck.yaml",
            format!("version: 1\npacks:\n  - {entry}\n"),
        );
        mesh.run(&[]).refuses(2, &["govcheck.yaml:3", why]);
    }
}
