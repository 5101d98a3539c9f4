import { isIP } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

/** Is this name or address only reachable from this machine? Names other than localhost are not resolved. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare === 'localhost' || bare.endsWith('.localhost')) return true; // RFC 6761 section 6.3
  return isLoopbackAddress(bare);
}

/** 127.0.0.0/8, ::1 and the mapped form in which a dual-stack socket shows an IPv4 peer. */
export function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.replace(/^::ffff:/i, '');
  if (isIP(plain) === 4) return plain.startsWith('127.');
  return plain === '::1' || plain === '0:0:0:0:0:0:0:1';
}

/** Listens on all interfaces? */
export function isAnyAddress(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return bare === '0.0.0.0' || bare === '::' || bare === '';
}

/** By which other machines reach this one, where `host` listens on all interfaces: the first IPv4 address that is not loopback. */
export function networkAddress(
  host: string,
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces(),
): string | undefined {
  if (!isAnyAddress(host)) return undefined;
  const addresses = Object.values(interfaces).flatMap((each) => each ?? []);
  // 169.254.0.0/16 is what an interface gives itself when nobody answers (RFC 3927): it reaches nobody, or not for long.
  return addresses.find(
    ({ family, internal, address }) => family === 'IPv4' && !internal && !address.startsWith('169.254.'),
  )?.address;
}

/** Is there an interface that is up and not loopback? WebRTC then has addresses to gather. */
export function hasNetwork(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ internal }) => !internal));
}
