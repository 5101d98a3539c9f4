/** Saves the picture that is shown now, in the size that it was received in. */
export async function savePicture(video: HTMLVideoElement, name: string): Promise<void> {
  const { videoWidth: width, videoHeight: height } = video;
  if (width === 0) return;
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${name}-${new Date().toISOString().slice(0, 19).replace(/[:T]/g, '-')}.png`;
  link.click();
  // The download has the blob by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
