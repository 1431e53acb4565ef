# Facts of many files, grouped. Several files may declare one id, so an object comprehension over facts would conflict.
package govcheck.lib.facts

# Pairs of [key, value] as an object of key to its sorted values. One sort and one pass: a comprehension
# inside a comprehension would read all facts once for each fact.
group(pairs) := {keys[start]: values |
	sorted := sort(pairs)
	keys := [pair[0] | some pair in sorted]

	# The key before each; before the first there is none, and no key is an empty list.
	before := array.concat([[]], keys)
	starts := [i | some i, key in keys; before[i] != key]
	ends := array.concat(array.slice(starts, 1, count(starts)), [count(sorted)])
	some n, start in starts
	values := [member[1] | some member in array.slice(sorted, start, ends[n])]
}

# Pairs of [key, value] as an object of key to its least value, for keys that should be there once, but may not.
# Linear, which `object.union_n` of many keys is not.
first(pairs) := {name: values[0] | some name, values in group(pairs)}
