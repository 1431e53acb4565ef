//! The type of a rule of a package, worked out once and kept.

use super::resolve::Resolver;
use super::types::Ty;
use super::world::{PackWorld, defined_name};
use crate::policy::syntax::list_definitions;

impl<'i> PackWorld<'i> {
    /// The type of a rule of a package. `None` if there is no such rule.
    pub(super) fn rule(&self, package: &str, name: &str) -> Option<Ty> {
        let module = self.modules.get(package)?;
        let mut own =
            list_definitions(&module.tree).filter(|rule| defined_name(rule) == Some(name));
        own.next()?;
        let key = (package.to_owned(), name.to_owned());
        if let Some(known) = self.known.borrow().get(&key) {
            return Some(known.clone());
        }
        // A rule that asks itself is refused; what it is does not matter.
        if !self.open.borrow_mut().insert(key.clone()) {
            return Some(Ty::Unknown);
        }
        let ty = Resolver::type_of_rule(self, module, name);
        self.open.borrow_mut().remove(&key);
        self.known.borrow_mut().insert(key, ty.clone());
        Some(ty)
    }
}
