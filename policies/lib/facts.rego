# Facts of many files, grouped. Several files may declare one id, so an object comprehension over facts would conflict.
package govcheck.lib.facts

# Pairs of [key, value] as an object of key to its sorted values. One sort and one pass: a comprehension
# inside a comprehension would read all facts once for each fact.
group(pairs) := {sorted[start][0]: values |
	sorted := sort(pairs)
	starts := [i | some i, pair in sorted; not same_key(sorted, i, pair)]
	ends := array.concat(array.slice(starts, 1, count(starts)), [count(sorted)])
	some n, start in starts
	values := [member[1] | some member in array.slice(sorted, start, ends[n])]
}

same_key(sorted, i, pair) if {
	i > 0
	sorted[i - 1][0] == pair[0]
}

# Pairs of [key, value] as an object of key to its least value, for keys that should be there once, but may not.
# Linear, which `object.union_n` of many keys is not.
first(pairs) := {name: values[0] | some name, values in group(pairs)}
