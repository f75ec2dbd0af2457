// A service that trusts the local issuer, with google-auth-library. Prints what it believes of two tokens, or that it does not.
import { createRequire } from 'node:module';

// Its packages are in a cache folder, not beside it.
const [packages, issuer, audience, idToken, accessToken] = process.argv.slice(2);
const require = createRequire(`${packages}/`);
const { OAuth2Client } = require('google-auth-library');

const client = new OAuth2Client({
  endpoints: {
    oauth2FederatedSignonPemCertsUrl: `${issuer}/certs`,
    oauth2FederatedSignonJwkCertsUrl: `${issuer}/jwks`,
    tokenInfoUrl: `${issuer}/tokeninfo`,
  },
  issuers: [issuer],
});

// With keys that the caller fetched: once as certificates, once as a key set.
async function verifiedWith(path, read) {
  const keys = await (await fetch(issuer + path)).json();
  const ticket = await client.verifySignedJwtWithCertsAsync(idToken, read(keys), audience, [issuer]);
  return ticket.getPayload();
}

const orNull = promise => promise.catch(() => null);
const { createPublicKey } = await import('node:crypto');
console.log(JSON.stringify({
  claims: await orNull(client.verifyIdToken({ idToken, audience }).then(ticket => ticket.getPayload())),
  claimsByCertificate: await orNull(verifiedWith('/certs', keys => keys)),
  claimsByKeySet: await orNull(verifiedWith('/jwks', ({ keys }) => Object.fromEntries(keys.map(
    key => [key.kid, createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' })])))),
  tokenInfo: await orNull(client.getTokenInfo(accessToken)),
}));
