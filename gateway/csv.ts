/** Cells of a table as text (RFC 4180): quoted only where they must be. */
export const csvCell = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** A row without its line end. */
export const csvRow = (cells: readonly string[]): string => cells.map(csvCell).join(",");
