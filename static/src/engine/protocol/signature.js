// HTTP message signatures in the one profile (docs/protocol.md, section 9.1). Mirrors sealpost/protocol/signature.py.

import { b64uEncode, base64Encode, randomBytes, utf8 } from "../crypto/encoding.js";
import { hmacSha256, sha256 } from "../crypto/hkdf.js";

export const NONCE = 16;
export const TAG = "sealpost/v1";

export const contentDigest = async (body) => `sha-256=:${base64Encode(await sha256(body))}:`;

export function signatureBase({ method, targetUri, digest, parameters }) {
  const lines = [`"@method": ${method}`, `"@target-uri": ${targetUri}`];
  if (digest) lines.push(`"content-digest": ${digest}`);
  lines.push(`"@signature-params": ${parameters}`);
  return utf8(lines.join("\n"));
}

export async function signatureHeaders(key, { session, method, targetUri, body, nonce = randomBytes(NONCE), created }) {
  const digest = body ? await contentDigest(body) : undefined;
  const covered = digest ? '("@method" "@target-uri" "content-digest")' : '("@method" "@target-uri")';
  const parameters =
    `${covered};created=${created};keyid="${session}";nonce="${b64uEncode(nonce)}";alg="hmac-sha256";tag="${TAG}"`;
  const value = await hmacSha256(key, signatureBase({ method, targetUri, digest, parameters }));
  const headers = { "Signature-Input": `sig=${parameters}`, Signature: `sig=:${base64Encode(value)}:` };
  if (digest) headers["Content-Digest"] = digest;
  return { headers, nonce };
}
