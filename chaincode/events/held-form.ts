/** As what something that is held counts, whatever its declaration calls it: a copy is what it is a copy of. Clauses 六(五)6, 一(二). */
import type { Form, Holding } from "../proof/holdings-page";

/** What came of a step, where something came of it: of these a product is made. */
const WORKED: ReadonlySet<Form> = new Set<Form>(["intermediate", "model", "product"]);

/** By these names data is treated as less than it is: logs are kept, keys are no data, products leave the platform and serve other scenarios. Any other gains nothing. */
export const FREEING: ReadonlySet<Form> = new Set<Form>([...WORKED, "log", "key"]);

export interface Declared {
  readonly digest: string;
  readonly form: Form;
}

/**
 * The form of an output: that of the input whose very data it is, where it claims another that it cannot have. The bytes tell, and of a copy
 * even where they differ.
 * @param inputs of what it was made, undefined where that is unknown, or gone
 */
export function formOf({ digest, form }: Declared, inputs: readonly (Holding | undefined)[], isCopy: boolean): Form {
  if (!FREEING.has(form)) return form;
  const fits = (input: Holding | undefined): boolean =>
    input !== undefined && (input.form === form || (WORKED.has(form) && WORKED.has(input.form)));
  const same = inputs.filter((input) => input?.digest === digest);
  if (same.length > 0 ? same.some(fits) : !isCopy || inputs.every(fits)) return form;
  return (same.length > 0 ? same : inputs).find((input) => input !== undefined && !fits(input))?.form ?? "raw";
}
