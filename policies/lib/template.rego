# METADATA
# title: Template placeholders
# description: Values that a tool fills in before anybody reads them. Text beside the braces makes a value one that is read as it stands.
package govcheck.lib.template

placeholder(text) if regex.match(`^\s*(?:\$?\{\{[^{}]*\}\}|\$\{[^{}]*\}|\{%[^{}]*%\})\s*$`, text)

# Whether a placeholder is a part of a text, as in `${{ values.name }}-api`: no name yet in a format whose files are templates.
unfilled(text) if regex.match(`\{\{[^{}]*\}\}|\$\{[^{}]+\}|\{%[^{}]*%\}`, text)

# Formats whose files are templates: Jinja in dbt, the scaffolder in Backstage.
formats := {"dbt", "backstage"}
