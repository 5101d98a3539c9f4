/** Lays out rows under a head of two lines: names and units. Figures are flush right, text (the first column) left. */
export function table(head: [name: string, unit: string][], rows: string[][]): string {
  const lines = [head.map(([name]) => name), head.map(([, unit]) => unit), ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const layOut = (cells: string[]) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  const [names = [], units = [], ...body] = lines;
  return [layOut(names), layOut(units), rule, ...body.map(layOut)].join('\n');
}

/** A figure with `digits` decimals; a dash for none. */
export function figure(value: number | null | undefined, digits = 0): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '-' : value.toFixed(digits);
}
