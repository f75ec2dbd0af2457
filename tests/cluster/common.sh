# Sourced by the scripts of this folder: where things are kept, how progress and failures are said, how Debian packages
# are installed.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(dirname "$(dirname "$here")")
cache=${MDS_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/mds}
kubernetes_version=1.20.2
kubernetes=$cache/kubernetes-$kubernetes_version

say() { printf '==> %s\n' "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" > /dev/null 2>&1; }

# wait_for SECONDS WHAT COMMAND...: until the command succeeds; after the deadline says what was waited for, and fails.
wait_for() {
  local deadline=$((SECONDS + $1)) what=$2; shift 2
  until "$@" > /dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || { printf 'error: waited too long for %s\n' "$what" >&2; return 1; }
    sleep 0.2
  done
}

# debian_packages [PROGRAM=]PACKAGE...: installs the packages whose program is missing, or which are not installed where no
# program is named. Says which; where it may not or cannot install (not root, not Debian), says what is missing and fails.
debian_packages() {
  local wanted missing=()
  for wanted in "$@"; do
    case $wanted in
      *=*) have "${wanted%%=*}" || missing+=("${wanted##*=}") ;;
      *) [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$wanted" 2> /dev/null)" = "ii " ] || missing+=("$wanted") ;;
    esac
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  have apt-get || fail "this needs the programs of the Debian packages ${missing[*]}, and here is no apt-get to install them with"
  [ "$(id -u)" = 0 ] || fail "these Debian packages are missing: ${missing[*]} (install them, or run this as root)"
  say "installing Debian packages: ${missing[*]}"
  quietly apt-get update -q
  DEBIAN_FRONTEND=noninteractive quietly apt-get install -q -y --no-remove --no-install-recommends "${missing[@]}"
}

# quietly COMMAND...: shows what the command printed only when it fails, and then fails too.
quietly() {
  local log; log=$(mktemp)
  if ! "$@" > "$log" 2>&1 < /dev/null; then
    tail -n 60 "$log" >&2; rm -f "$log"
    fail "failed: $1 $2"
  fi
  rm -f "$log"
}

# What the products' version is, and the names of images: as the chart has them, unless REGISTRY or TAG say otherwise.
version=$(sed -n 's#.*<Version>\(.*\)</Version>.*#\1#p' "$repository/Directory.Build.props")
image_name() { echo "${REGISTRY:-localhost}/$1:${TAG:-$version}"; }
