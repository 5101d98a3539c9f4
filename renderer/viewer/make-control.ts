import { ChoiceControl } from './choice-control.ts';
import { ColourControl } from './colour-control.ts';
import type { Control, ControlOptions } from './control.ts';
import { FileControl } from './file-control.ts';
import { parseJson, writeJson } from './json-text.ts';
import { NullableControl } from './nullable-control.ts';
import { NumberControl } from './number-control.ts';
import type { Parameter, ParameterKind } from './parameter-kind.ts';
import { SwitchControl } from './switch-control.ts';
import { TextControl } from './text-control.ts';

/** The control for a parameter. */
export function makeControl(
  { kind, isNullable }: Pick<Parameter, 'kind' | 'isNullable'>,
  options: ControlOptions,
): Control {
  if (!isNullable) return controlOf(kind, options);
  // Among choices, none is one more.
  if (kind.kind === 'choice') return new ChoiceControl([null, ...kind.values], options);
  return new NullableControl(options, (inner) => controlOf(kind, inner));
}

function controlOf(kind: ParameterKind, options: ControlOptions): Control {
  switch (kind.kind) {
    case 'number':
      return new NumberControl(kind, options);
    case 'choice':
      return new ChoiceControl(kind.values, options);
    case 'switch':
      return new SwitchControl(options);
    case 'text':
      return new TextControl(
        { ...kind, write: (value) => (typeof value === 'string' ? value : ''), parse: (text) => text },
        options,
      );
    case 'colour':
      return new ColourControl(options);
    case 'file':
      return new FileControl(kind, options);
    case 'json':
      return new TextControl({ maxLength: null, isLong: true, write: writeJson, parse: parseJson }, options);
  }
}
