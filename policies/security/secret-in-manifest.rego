# METADATA
# title: Secret in a manifest
# description: A manifest contains references to passwords, keys and tokens, never the secrets themselves. Anyone who can read the repository has the secret, even after it is removed.
# custom:
#   severity: error
#   scope: entity
#   entities: [document]
#   help: Rotate the secret now, store the new one in the vault, and write a reference to it here.
#   since: 0.1.0
#   text_matches: '(?im)(?:{keys})["'']?[ \t]*(?::[ \t]*["'']?[^\s"''$<{]|[,}\r\n]|$)|-----begin|(?:akia|asia)[0-9a-z]{16}|gh[pousr]_[a-z0-9]{36}|github_pat_|glpat-|xox[abeprs]-|eyj[a-z0-9_-]{8,}\.eyj|://[^/\s:@"'']+:[^/\s@"''$<{*%]'
#   options:
#     keys: 'password|passwd|passphrase|secret|secret[_-]?key|token|api[_-]?key|private[_-]?key|access[_-]?key|credentials?'
#     references: '^\s*$|^(?:\$|%|<|!|\*+$|\.\.\.|ENC\[)|\{\{|\$\{|^(?i:vault|secrets?|env|ref|ssm|arn|sops|op|file|kms|keyvault|aws|gcp|azure)[:/]|^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$|^(?i:string|text|varchar|integer|int|number|boolean|bytes|true|false|null|none|yes|no|required|optional|masked|hidden|redacted|encrypted|hashed)$'
#   option_docs:
#     keys: "Regular expression, in lower case, for the end of a key whose value is secret."
#     references: "Regular expression for values that are not secrets: references, placeholders, names of types."
package govcheck.security.secret_in_manifest

import data.govcheck.lib.tree

options := data.options["security/secret-in-manifest"]

shapes := {
	"a private key": `-----BEGIN [A-Z ]*PRIVATE KEY-----`,
	"an AWS access key": `\b(?:AKIA|ASIA)[0-9A-Z]{16}\b`,
	"a GitHub token": `\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22})`,
	"a GitLab token": `\bglpat-[A-Za-z0-9_-]{20}`,
	"a Slack token": `\bxox[abeprs]-[A-Za-z0-9-]{10}`,
	"a JSON web token": `\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.`,
	"a password in an address": `://[^/\s:@"']+:[^/\s@"'$<{*%][^/\s@"']*@`,
}

# `text_matches` has searched the text already: most documents have nothing like a secret, and are not walked.
nodes := tree.nodes(input.document)

# Values in the shape of a secret, under any key.
shaped contains [path, what] if {
	some [path, value] in nodes
	is_string(value)
	some what, shape in shapes
	regex.match(shape, value)
}

# Values that their key marks as secret: `password: hunter2`, or a pair of `property: password` and `value: hunter2`.
keyed contains [path, key] if {
	some [path, value] in nodes
	key := path[count(path) - 1]
	is_secret(key, value)
}

keyed contains [array.concat(path, ["value"]), key] if {
	some [path, value] in nodes
	is_object(value)
	some field in ["property", "name", "key"]
	key := value[field]
	is_secret(key, value.value)
}

is_secret(key, value) if {
	is_string(key)
	is_string(value)
	regex.match(sprintf(`(?:%s)$`, [options.keys]), lower(key))
	not regex.match(options.references, value)
	not prose(key, value)
}

is_secret(key, value) if {
	is_string(key)
	is_number(value)
	regex.match(`pass(?:word|wd|phrase)$`, lower(key))
}

# A sentence under `token` explains it; a passphrase has spaces too.
prose(key, value) if {
	contains(trim_space(value), " ")
	not contains(lower(key), "pass")
}

shaped_paths := {path | some [path, _] in shaped}

deny contains {"message": sprintf("key `%s` contains %s", [innermost_key(path), what]), "at": path} if some [path, what] in shaped

deny contains {"message": sprintf("key `%s` contains a secret in plain text", [key]), "at": path} if {
	some [path, key] in keyed
	not path in shaped_paths
}

# Elements of a list have no key, so the key around them names them.
innermost_key(path) := keys[count(keys) - 1] if keys := [key | some key in path; is_string(key)]
