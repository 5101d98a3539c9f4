import { z } from 'zod';
import { jsonObject } from '../../protocol/interaction.ts';
import { type JsonSchema, objectOf, type Parameter, parametersOf } from './parameter-kind.ts';

/** A command of the model, as far as this page makes controls of it. */
export interface ModelCommand {
  name: string;
  label: string;
  description: string;
  parameters: readonly Parameter[];
  /** The field of the state that it sets; null for one that does something else. */
  stateField: string | null;
  /** What of this page's keyboard or pointer it asks for. */
  bind: 'keyboard' | 'pointer' | null;
}

const COMMAND_PATH = /^\/commands\/([^/{}]+)$/;

const operation = z.object({
  summary: z.string().optional(),
  description: z.string().optional(),
  'x-state-field': z.string().nullish(),
  'x-bind': z.enum(['keyboard', 'pointer']).nullish().catch(null),
  requestBody: z
    .object({ content: z.object({ 'application/json': z.object({ schema: jsonObject }) }) })
    .optional(),
});

/** Reads the OpenAPI document of `GET /schema`, or of `modelSchema` on the channel: its commands, in its order. */
export function commandsOf(document: JsonSchema): ModelCommand[] {
  return Object.entries(objectOf(document.paths)).flatMap(([path, item]) => {
    const name = COMMAND_PATH.exec(path)?.[1];
    const parsed = operation.safeParse(objectOf(item).post);
    if (name === undefined || !parsed.success) return [];
    const { description, requestBody, ...rest } = parsed.data;
    const parameters = parametersOf(requestBody?.content['application/json'].schema ?? {}, document);
    const stateField = rest['x-state-field'] ?? null;
    return [
      {
        name,
        label: labelOf(name),
        description: description ?? '',
        parameters,
        // Without its one parameter it would be nothing to set.
        stateField: parameters.some((each) => each.name === stateField) ? stateField : null,
        bind: rest['x-bind'] ?? null,
      },
    ];
  });
}

/** `clear_canvas` -> `Clear canvas`. */
function labelOf(name: string): string {
  const words = name.replace(/[_.-]+/g, ' ').trim() || name;
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Names of the messages that the model declares. */
export function messagesOf(document: JsonSchema): string[] {
  return Object.keys(objectOf(document.webhooks));
}
