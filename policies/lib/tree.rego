# The nodes of a raw document with their paths. Rego's `walk` would do, but the engine does not support it inside rules.
package govcheck.lib.tree

# Nodes are pairs of [path, value]. Levels are opened one by one, up to the maximum depth of the parser.
nodes(document) := levels64(levels64({"all": [], "open": [[["document"], document]]})).all

open_level(state) := {"all": array.concat(state.all, state.open), "open": inner} if {
	count(state.open) > 0
	inner := [[array.concat(node[0], [key]), value] |
		some node in state.open
		is_container(node[1])
		some key, value in node[1]
	]
}

open_level(state) := state if count(state.open) == 0

levels4(state) := open_level(open_level(open_level(open_level(state))))

levels16(state) := levels4(levels4(levels4(levels4(state))))

levels64(state) := levels16(levels16(levels16(levels16(state))))

is_container(value) if is_object(value)

is_container(value) if is_array(value)
