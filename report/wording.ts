/** What a report needs from the registry of clauses. */
export interface Wording {
  /** Our own words for a clause and the section it comes from; undefined when the registry does not know it. */
  clause(id: string): { readonly section: string; readonly text: string } | undefined;
  readonly questions: readonly {
    readonly id: string;
    readonly question: string;
    readonly answers: readonly { readonly name: string; readonly text: string }[];
  }[];
  /** Clauses that the judge can fail. */
  readonly judged: ReadonlySet<string>;
}
