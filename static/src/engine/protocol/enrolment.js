// Enrolment by invitation, the client's side (docs/protocol.md, section 6.1). Mirrors sealpost/protocol/enrolment.py.

import { b64uDecode, utf8, uuidBytes } from "../crypto/encoding.js";
import { equal, hkdf, hmacSha256, label, sha256 } from "../crypto/hkdf.js";
import { hpkeSeal } from "../crypto/hpke.js";
import { DecryptionError, SealpostError } from "../errors.js";
import { bundleDigest, bundleMembers } from "./bundle.js";

export const NONCE = 16;
const FINGERPRINT = 16;

export function linkParse(fragment) {
  try {
    const [invitation, secret, fingerprint, ...rest] = fragment.replace(/^#/, "").split(".");
    if (rest.length) throw new Error();
    uuidBytes(invitation);
    return { invitation, secret: b64uDecode(secret, 32), fingerprint: b64uDecode(fingerprint, FINGERPRINT) };
  } catch {
    throw new SealpostError(
      "invitation_malformed",
      400,
      "This invitation link is incomplete. Copy the whole link from the invitation, or ask for a new one.",
    );
  }
}

export const viewProof = (link, nonce) =>
  hmacSha256(link.secret, label("invitation-view", uuidBytes(link.invitation), nonce));
export const viewKey = (link) => hkdf(link.secret, { salt: uuidBytes(link.invitation), info: label("invitation") });
export const viewAad = (link, nonce) => label("invitation-view", uuidBytes(link.invitation), nonce);

export async function enrolmentSeal(bundle, link, { origin, key, publicKey }) {
  const fingerprint = (await sha256(publicKey)).subarray(0, FINGERPRINT);
  if (!equal(fingerprint, link.fingerprint)) throw new DecryptionError();
  const invitation = uuidBytes(link.invitation);
  const proof = await hmacSha256(link.secret, label("enrol", invitation, await bundleDigest(bundle)));
  const info = label("enrol", origin, invitation, uuidBytes(key));
  return hpkeSeal(publicKey, utf8(JSON.stringify(bundleMembers(bundle, proof))), { info });
}
