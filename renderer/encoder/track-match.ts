import type { Track } from '../../protocol/track.ts';
import { EncoderError } from './encoder-error.ts';
import type { MediaSection } from './sdp-sections.ts';

/** Which track goes out on which m-line of the offer. */
export interface TrackMatch {
  mid: string;
  track: Track;
}

/**
 * The tracks a viewer wants: all, or those it names, in the order it names them.
 *
 * @throws EncoderError `unknown-track`
 */
export function selectTracks(tracks: readonly Track[], names: readonly string[] | null): Track[] {
  if (names === null) return [...tracks];
  return [...new Set(names)].map((name) => {
    const track = tracks.find((each) => each.name === name);
    if (track) return track;
    throw new EncoderError(
      'unknown-track',
      `the model has no track ${name}`,
      `its tracks are: ${tracks.map((each) => each.name).join(', ') || 'none yet'}`,
    );
  });
}

/**
 * Gives tracks to m-lines by kind, in order. A client with fewer m-lines than tracks gets the first ones; m-lines that
 * are left over stay without one.
 */
export function matchTracks(tracks: readonly Track[], sections: readonly MediaSection[]): TrackMatch[] {
  const waiting = { video: tracks.filter(isKind('video')), audio: tracks.filter(isKind('audio')) };
  const matches: TrackMatch[] = [];
  for (const { kind, mid, direction, rejected } of sections) {
    if (kind !== 'video' && kind !== 'audio') continue;
    if (rejected || direction === 'sendonly' || direction === 'inactive') continue;
    const track = waiting[kind].shift();
    if (track) matches.push({ mid, track });
  }
  return matches;
}

function isKind(kind: Track['kind']) {
  return (track: Track) => track.kind === kind;
}
