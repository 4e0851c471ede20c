/** Whose rows a store works with. */
export interface Owner {
  /** What several checkouts share; everything that is found by its id is found in all of it. */
  readonly project: string
  /** One checkout on one machine: the last runs, the sessions and what `last` means are its own. */
  readonly place: string
}
