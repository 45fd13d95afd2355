/** After a wrong try: back in the field with everything selected, so that the next letter begins anew. */
export function again(field: HTMLInputElement | HTMLTextAreaElement | null): void {
  field?.focus();
  field?.select();
}
