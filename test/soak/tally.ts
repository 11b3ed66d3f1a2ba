/** Counts of what a run did, by name. */
export class Tally {
  readonly #groups = new Map<string, Map<string, number>>();

  operation(kind: string): void {
    this.#add('operations', kind, 1);
  }

  fault(kind: string): void {
    this.#add('faults', kind, 1);
  }

  /** Something that must be true was looked at, and is. */
  check(what: string, count = 1): void {
    this.#add('checks', what, count);
  }

  /** What is worth knowing, and neither right nor wrong. */
  note(what: string): void {
    this.#add('notes', what, 1);
  }

  violation(): void {
    this.#add('violations', 'violations', 1);
  }

  total(group: string): number {
    return [...(this.#groups.get(group) ?? new Map<string, number>()).values()].reduce(
      (sum, count) => sum + count,
      0,
    );
  }

  merge(other: Tally): void {
    for (const [group, counts] of other.#groups) {
      for (const [name, count] of counts) this.#add(group, name, count);
    }
  }

  /** For people: a line for each group, the most frequent first. */
  table(): string {
    const lines = ['operations', 'faults', 'checks', 'notes'].map((group) => {
      const counts = [...(this.#groups.get(group) ?? [])].sort((a, b) => b[1] - a[1]);
      const parts = counts.map(([name, count]) => `${name} ${count}`).join(', ');
      return `${group.padEnd(10)} ${String(this.total(group)).padStart(7)}  ${parts}`;
    });
    return [...lines, `violations ${String(this.total('violations')).padStart(7)}`].join('\n');
  }

  #add(group: string, name: string, count: number): void {
    const counts = this.#groups.get(group) ?? new Map<string, number>();
    this.#groups.set(group, counts);
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
}
