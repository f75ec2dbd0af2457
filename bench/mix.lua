-- 60 % token, 20 % leaves, 15 % recursive account, 5 % of a key that is not there, in an order that repeats every twenty.
local v1 = "/computeMetadata/v1/"
local account = v1 .. "instance/service-accounts/default/"
local leaves = { "project/project-id", "project/numeric-project-id", "instance/zone", "instance/attributes/cluster-name" }

local requests = {}
local sent = 0

function init()
  local headers = { ["Metadata-Flavor"] = "Google" }
  for i = 1, 20 do
    local path = account .. "token"
    if i % 5 == 0 then
      path = v1 .. leaves[i / 5]
    elseif i % 7 == 0 or i == 3 then
      path = account .. "?recursive=true"
    elseif i == 11 then
      path = v1 .. "instance/attributes/nokey"
    end
    requests[i] = wrk.format("GET", path, headers)
  end
end

function request()
  sent = sent % 20 + 1
  return requests[sent]
end
