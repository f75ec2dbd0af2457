// google-auth-library and gcp-metadata as a program uses them: everything comes from the environment. Prints what it got.
import { createRequire } from 'node:module';

// Its packages are in a cache folder, not beside it.
const [packages, audience] = process.argv.slice(2);
const require = createRequire(`${packages}/`);
const { GoogleAuth } = require('google-auth-library');
const metadata = require('gcp-metadata');

const auth = new GoogleAuth();
const client = await auth.getClient();
const identity = await auth.getIdTokenClient(audience);
const report = {
  client: `google-auth-library ${require('google-auth-library/package.json').version}`,
  project: await auth.getProjectId(),
  zone: await metadata.instance('zone'),
  // Without its slash, as people write it: the library follows the redirect.
  attribute: await metadata.instance(`attributes/${(await metadata.instance('attributes')).split('\n')[0]}`),
  tags: await metadata.instance('tags'),
  scopes: (await metadata.instance({ property: 'service-accounts/', params: { recursive: 'true' } })).default.scopes,
  email: (await auth.getCredentials()).client_email,
  accessToken: (await client.getAccessToken()).token,
  identityToken: await identity.idTokenProvider.fetchIdToken(audience),
};

// Without the variable that spares it the question, it must find out by itself.
delete process.env.METADATA_SERVER_DETECTION;
metadata.resetIsAvailableCache();
report.detected = await metadata.isAvailable();
console.log(JSON.stringify(report));
