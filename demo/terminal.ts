// SPDX-License-Identifier: Apache-2.0
// What the demonstration writes: headings, a progress bar, tables.

/** Writes a heading. */
export function heading(text: string): void {
  console.log(`\n${text}\n${"─".repeat(text.length)}`);
}

/** Writes rows in columns as wide as they need to be; numbers are aligned to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [header, ...rows];
  const widths = header.map((_, index) => Math.max(...all.map((row) => (row[index] ?? "").length)));
  const isNumber = (text: string) => /^[\d.,]+( ?(ms|s|\/s))?$/.test(text);
  for (const row of all) {
    const cells = row.map((cell, index) => {
      const width = widths[index] ?? 0;
      return isNumber(cell) ? cell.padStart(width) : cell.padEnd(width);
    });
    console.log(`  ${cells.join("   ").trimEnd()}`);
  }
}

/** A count with separators: `138,398`. */
export function count(number: number | bigint): string {
  return number.toLocaleString("en-US");
}

/** A bar that grows in place on a terminal, and is written once, full, anywhere else. */
export class ProgressBar {
  readonly #total: number;
  readonly #started = performance.now();
  #done = 0;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(total: number) {
    this.#total = total;
  }

  /** So many more are done. */
  add(count: number): void {
    this.#done += count;
    const isOver = this.#done === this.#total;
    if (!process.stdout.isTTY && !isOver) return;
    if (!isOver && performance.now() - this.#drawnAt < 50) return;
    this.#drawnAt = performance.now();
    process.stdout.write(
      `${process.stdout.isTTY ? "\r" : ""}  ${this.#line()}${isOver ? "\n" : ""}`,
    );
  }

  #line(): string {
    const width = 30;
    const filled = Math.round((this.#done / this.#total) * width);
    const seconds = (performance.now() - this.#started) / 1_000;
    const rate = count(Math.round(this.#done / Math.max(seconds, 0.001)));
    const bar = "█".repeat(filled) + "░".repeat(width - filled);
    return `${bar} ${count(this.#done)} of ${count(this.#total)} rows, ${rate} rows/s`;
  }
}
