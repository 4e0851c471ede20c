/** The spec language on one page. */
export const specLanguage = `# The spec language

\`\`\`yaml
name: checkout
description: A successful checkout
applies_to: { operation_name: POST /checkout }   # which spans open a case; else the first expected span does
traces: { min: 1, passing: all }                 # cases that a run must show; all or any must pass
unexpected_spans: report                         # ignore | report | fail
ignore: [{ operation_name: { glob: "middleware*" } }]
expected_spans:
  - id: checkout                                 # optional, for paths and messages
    operation_name: POST /checkout               # identity: operation_name, service_name, kind, where
    service_name: shop
    kind: server                                 # internal | server | client | producer | consumer
    status: ok                                   # ok is "not an error"; unset, error, { eq: ok } are exact
    expected_duration_ms: { max: 500 }
    required_tags: { http.response.status_code: 201, http.route: "*" }
    optional_tags: { payment.attempts: { lte: 3 } }   # may be absent, must match when present
    children:
      - operation_name: { glob: "payment.*" }
        relation: descendant                     # child (default) | direct | descendant
      - operation_name: POST
        where: { server.address: inventory }     # part of the identity: which POST is meant
        count: { min: 1, max: 5 }                # default exactly 1; optional: true is min 0
forbidden_spans:
  - { operation_name: { regex: "^SELECT \\\\*" }, reason: select the columns that you need }
performance_constraints: { max_total_duration_ms: 800 }
error_conditions:
  - { operation_name: payment.authorize, exception.type: CardDeclined, expect: allowed }   # required | allowed | forbidden
\`\`\`

- **Identity** (operation_name, service_name, kind, where) says which spans are meant and what count counts; all else are conditions that hold for every one of them.
- **Matchers** for names and tags: a literal, "*" (present), or eq, ne, gt, gte, lt, lte, in, glob, regex (RE2, unanchored), template ("GET /users/{id}"), exists, type, contains, length.
- **child** looks through client and producer spans that nothing expects: between two services there is always one.
- A tag is looked up in the span, then its scope, then its resource; resource.NAME forces one.
- An error span that no error_conditions entry and no status: error expects fails the spec.
- **pass, fail, inconclusive**: what was seen can fail at once; that something is missing is decided only on complete evidence.
`
