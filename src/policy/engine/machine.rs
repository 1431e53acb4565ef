//! Register VMs with their bounds.

use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;

use regorus::rvm::{Program, RegoVM};
use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{MemoryBudgetConfig, Value};

use super::bounds::Bounds;

pub(in crate::policy::engine) fn new_machine(
    program: &Arc<Program>,
    data: &Value,
    bounds: Bounds,
) -> RegoVM {
    let mut vm = RegoVM::new();
    vm.set_max_instructions(bounds.instructions);
    vm.set_execution_timer_config(Some(ExecutionTimerConfig {
        limit: bounds.time,
        check_interval: NonZeroU32::new(1024).unwrap_or(NonZeroU32::MIN),
    }));
    vm.set_memory_budget_config(
        NonZeroU64::new(bounds.memory).map(|limit| MemoryBudgetConfig { limit }),
    );
    // A builtin that is given a wrong type is undefined, as in OPA: with strict errors the VM would drop what
    // the rest of the rule's body finds, without a word.
    vm.set_strict_builtin_errors(false);
    vm.load_program(Arc::clone(program));
    // Refused only when data and rules overlap, and data is the host's own.
    let _ = vm.set_data(data.clone());
    vm
}
