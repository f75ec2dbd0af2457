# googleauth and google-cloud-env as a program uses them: nothing is given to them. Prints what they got.
require "google/cloud/env"
require "googleauth"
require "json"

env = Google::Cloud::Env.new
credentials = Google::Auth::GCECredentials.new
identity = Google::Auth::GCECredentials.new target_audience: ARGV[0]
puts JSON.generate(
  client: "googleauth for Ruby",
  detected: Google::Auth::GCECredentials.on_gce? && env.metadata?,
  project: env.project_id,
  zone: env.lookup_metadata("instance", "zone"),
  attribute: env.instance_attribute("cluster-name"),
  tags: env.instance_tags,
  email: env.lookup_metadata("instance", "service-accounts/default/email"),
  accessToken: credentials.fetch_access_token!["access_token"],
  identityToken: identity.fetch_access_token!["id_token"]
)
