/** Specs for the programs of `fixtures/apps/programs`, which make one span of one name each. */

export const worksSpec = `name: works
expected_spans:
  - operation_name: work
`

export const jsonSpec = `name: json
expected_spans:
  - operation_name: as json
`

export const wantsMoreSpec = `name: wants-more
expected_spans:
  - operation_name: as json
    children:
      - operation_name: never made
`

export const otherSpec = `name: other
expected_spans:
  - operation_name: elsewhere entirely
`
