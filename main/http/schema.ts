import { MAX_SDP_BYTES } from '../../protocol/limits.ts';
import type { StateSnapshot } from '../host-state.ts';
import { VERSION } from '../version.ts';

const problem = {
  description: 'What is wrong and what to do (RFC 9457)',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};
const idParameter = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
const text = { schema: { type: 'string', maxLength: MAX_SDP_BYTES } };

/** The OpenAPI 3.1 description of this host and its model. `x-tracks` lists the tracks in the model's order. */
export function schemaDocument(state: StateSnapshot, needsToken: boolean): object {
  return {
    openapi: '3.1.0',
    info: { title: state.model.name ?? 'reactor-host', version: VERSION },
    servers: [{ url: '/' }],
    ...(needsToken ? { security: [{ bearer: [] }] } : {}),
    'x-tracks': state.tracks,
    paths: {
      '/whep': {
        post: {
          summary: 'Begin to watch: send an SDP offer, get the answer (draft-ietf-wish-whep-03).',
          parameters: [
            {
              name: 'codec',
              in: 'query',
              description: 'Video codecs to try, in order, separated by commas.',
              schema: { type: 'string' },
            },
            {
              name: 'tracks',
              in: 'query',
              description: 'Names of the tracks to send, in order, separated by commas.',
              schema: { type: 'string' },
            },
          ],
          requestBody: { required: true, content: { 'application/sdp': text } },
          responses: {
            201: {
              description: 'The answer. Location is the session.',
              headers: { Location: { schema: { type: 'string' } }, ETag: { schema: { type: 'string' } } },
              content: { 'application/sdp': text },
            },
            default: problem,
          },
        },
      },
      '/whep/{id}': {
        parameters: [idParameter],
        patch: {
          summary: 'Trickle candidates, or restart ICE (RFC 8840).',
          requestBody: { required: true, content: { 'application/trickle-ice-sdpfrag': text } },
          responses: {
            200: { description: 'ICE restarted', content: { 'application/trickle-ice-sdpfrag': text } },
            204: { description: 'Candidates taken' },
            default: problem,
          },
        },
        delete: { summary: 'Stop watching.', responses: { 200: { description: 'Gone' }, default: problem } },
      },
      '/health': {
        get: {
          summary: 'Is a stream to be had?',
          responses: { 200: { description: 'Yes' }, 503: { description: 'Not now' } },
        },
      },
      '/events': {
        get: {
          summary: 'Changes of state, and statistics each second, as server-sent events.',
          responses: {
            200: { description: 'Events `state`, `viewer`, `stats`', content: { 'text/event-stream': {} } },
          },
        },
      },
    },
    components: {
      schemas: {
        Problem: {
          type: 'object',
          required: ['type', 'title', 'status', 'detail', 'hint', 'code'],
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            detail: { type: 'string' },
            hint: { type: 'string' },
            code: { type: 'string' },
          },
        },
      },
      ...(needsToken ? { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } } : {}),
    },
  };
}
