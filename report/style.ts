import { styleText } from 'node:util';

/** Colours by meaning. Without colour every function returns its text unchanged. */
export interface Style {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly name: (text: string) => string;
}

type Format = Parameters<typeof styleText>[0];

/** @param colour whether the reader of the text understands colours. */
export function style(colour: boolean): Style {
  const as = (format: Format) => (text: string) => (colour ? styleText(format, text, { validateStream: false }) : text);
  return {
    strong: as('bold'),
    faint: as('dim'),
    bad: as('red'),
    good: as('green'),
    warn: as('yellow'),
    name: as('cyan'),
  };
}

/** Whether to colour what goes to `stream`: it is a terminal, and neither `NO_COLOR` nor a dumb terminal says otherwise. */
export function wantsColour(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}
