//! Where to read more of a rule: an address that a browser opens, or none.

use std::borrow::Cow;

use super::ReportContext;
use super::escape::{uri_path, web_address};
use crate::model::rule::{Link, Rule, RulePage};

/// The page of a rule, by the address that its pack says or at the judged commit, else its first link that is a plain web address.
/// Without a context what a report says does not depend on where it is written.
pub(super) fn rule_link<'r>(
    rule: &'r Rule,
    context: Option<&ReportContext>,
) -> Option<Cow<'r, str>> {
    let page = rule.page.as_ref();
    let said = page.and_then(|page| page.address.as_deref());
    let said = said.and_then(web_address).map(Cow::Borrowed);
    let resource = || {
        let mut addresses = rule
            .related_resources
            .iter()
            .map(|Link { address, .. }| address);
        addresses.find_map(|address| web_address(address).map(Cow::Borrowed))
    };
    said.or_else(|| at_commit(page?, context?).map(Cow::Owned))
        .or_else(resource)
}

/// The address of a page that lies in the repository.
fn at_commit(page: &RulePage, context: &ReportContext) -> Option<String> {
    let blob = web_address(context.blob.as_deref()?)?;
    let file = context.repository_path(page.file.as_deref()?);
    Some(format!(
        "{blob}/{}#{}",
        uri_path(&file),
        uri_path(&page.heading)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rule::Level;
    use crate::report::sample;

    fn rule(address: Option<&str>, file: Option<&str>) -> Rule {
        let mut rule = sample::sample_rule("kpi/bad-name", Level::Error);
        rule.page = Some(RulePage {
            address: address.map(str::to_owned),
            file: file.map(str::to_owned),
            heading: "bad-name".to_owned(),
        });
        rule
    }

    fn in_workflow() -> ReportContext {
        ReportContext {
            blob: Some("https://github.com/acme/mono/blob/4748ff9".to_owned()),
            root: "mesh".to_owned(),
            ..ReportContext::default()
        }
    }

    #[test]
    fn the_address_of_the_pack_comes_first() {
        let rule = rule(
            Some("https://acme.example/kpi#bad-name"),
            Some("p/kpi/README.md"),
        );
        let link = rule_link(&rule, Some(&in_workflow()));
        assert_eq!(link.as_deref(), Some("https://acme.example/kpi#bad-name"));
    }

    #[test]
    fn a_page_in_the_repository_is_linked_at_the_judged_commit() {
        let rule = rule(None, Some("p q/kpi/README.md"));
        assert_eq!(
            rule_link(&rule, Some(&in_workflow())).as_deref(),
            Some("https://github.com/acme/mono/blob/4748ff9/mesh/p%20q/kpi/README.md#bad-name")
        );
        assert_eq!(
            rule_link(&rule, Some(&ReportContext::default())).as_deref(),
            Some("https://docs.example.org/kpi/bad-name"),
            "no address is made up"
        );
    }

    #[test]
    fn an_invalid_address_is_skipped() {
        let rule = rule(Some("javascript:alert(1)"), None);
        assert_eq!(
            rule_link(&rule, None).as_deref(),
            Some("https://docs.example.org/kpi/bad-name")
        );
    }
}
