# Groups facts of many files by key. Several files may declare one id, on which an object comprehension would conflict.
package govcheck.lib.facts

# Turns pairs of [key, value] into an object from key to sorted values, by one sort and one pass. Nested comprehensions
# would read all facts once for each fact.
group(pairs) := {keys[start]: values |
	sorted := sort(pairs)
	keys := [pair[0] | some pair in sorted]

	# The key before each one. Before the first stands an empty list, which is never a key.
	before := array.concat([[]], keys)
	starts := [i | some i, key in keys; before[i] != key]
	ends := array.concat(array.slice(starts, 1, count(starts)), [count(sorted)])
	some n, start in starts
	values := [member[1] | some member in array.slice(sorted, start, ends[n])]
}

# Turns pairs of [key, value] into an object from key to its least value, for keys that should be unique but may not be.
# Unlike `object.union_n`, it takes linear time.
first(pairs) := {name: values[0] | some name, values in group(pairs)}
