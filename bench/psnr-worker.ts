import { psnrDb, type Reference } from './psnr.ts';

/** In a worker: two million samples take some milliseconds, in which the page would read no picture. */
export interface PsnrJob {
  luma: Uint8Array<ArrayBuffer>;
  stride: number;
  index: number;
  skipRows: number;
}

export interface PsnrResult {
  index: number;
  psnrDb: number;
}

const scope = self as unknown as {
  onmessage: (event: MessageEvent<{ reference: Reference } | { job: PsnrJob }>) => void;
  postMessage: (result: PsnrResult) => void;
};

let reference: Reference | undefined;

scope.onmessage = ({ data }) => {
  if ('reference' in data) {
    reference = data.reference;
  } else if (reference) {
    const { luma, stride, index, skipRows } = data.job;
    scope.postMessage({ index, psnrDb: psnrDb(luma, stride, reference, index, skipRows) });
  }
};
