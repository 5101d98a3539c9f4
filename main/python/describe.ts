import { execFile } from 'node:child_process';
import { type ModelDescription, modelDescription } from '../../protocol/interaction.ts';
import { HostError } from '../errors.ts';
import { describeIssue } from '../peer-socket.ts';
import { ModelOutput } from './model-output.ts';

/** An author's file may import a large framework when it is imported itself. */
const DESCRIBE_LIMIT_MS = 120_000;
/** The description is at most a header (MAX_HEADER_BYTES) in longer spelling; the rest is what the author's file prints. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

export interface DescribeOptions {
  /** The Python interpreter. */
  command: string;
  model: string;
  compat: boolean;
}

/**
 * Asks Python what a model has, without running it.
 *
 * @throws HostError `model-fatal` in the words of the model host
 */
export function describeModel({ command, model, compat }: DescribeOptions): Promise<ModelDescription> {
  const args = ['-m', 'reactor_host', model, '--describe', ...(compat ? ['--compat'] : [])];
  const env = { ...process.env, REACTOR_HOST_LOG_FORMAT: 'json', PYTHONIOENCODING: 'utf-8' };
  return new Promise((resolve, reject) => {
    execFile(
      command,
      args,
      { env, timeout: DESCRIBE_LIMIT_MS, maxBuffer: MAX_OUTPUT_BYTES, windowsHide: true },
      (failed, stdout, stderr) => {
        try {
          if (failed) throw notDescribed(failed, `${stdout}\n${stderr}`);
          resolve(readDescription(stdout));
        } catch (error) {
          reject(error);
        }
      },
    );
  });
}

/** The last line: what the author's file prints when it is imported comes before it. */
function readDescription(stdout: string): ModelDescription {
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  let value: unknown;
  try {
    value = JSON.parse(last);
  } catch {
    throw otherRelease(`${last.slice(0, 200)} is not JSON`);
  }
  const parsed = modelDescription.safeParse(value);
  if (!parsed.success) throw otherRelease(describeIssue(parsed.error));
  return parsed.data;
}

function notDescribed(failed: Error, text: string): HostError {
  const output = new ModelOutput();
  const lines = text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => output.read(line));
  const report = lines.findLast((line) => line.report)?.report;
  if (report) return new HostError('model-fatal', `${report.message} (${report.code})`, report.hint);
  const error = lines.findLast((line) => line.level === 'error' && !/^\s/.test(line.text))?.text;
  return new HostError(
    'model-fatal',
    `the model cannot be described: ${error ?? failed.message.split('\n')[0]}`,
    'the model has to be importable: run it with reactor-host to see what it says',
  );
}

function otherRelease(what: string): HostError {
  return new HostError(
    'model-fatal',
    `the description of the model was not understood: ${what}`,
    'install the same release of reactor-host on both sides',
  );
}
