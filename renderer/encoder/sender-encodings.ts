/**
 * Changes the RTP encodings of a sender, all alike.
 *
 * @throws what `setParameters` does, so also for a connection that has been closed meanwhile
 */
export async function changeEncodings(
  sender: RTCRtpSender,
  change: (encoding: RTCRtpEncodingParameters) => void,
): Promise<void> {
  const parameters = sender.getParameters();
  for (const encoding of parameters.encodings) change(encoding);
  await sender.setParameters(parameters);
}
