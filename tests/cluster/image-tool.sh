# Sourced after common.sh: builds and saves images with docker, podman or buildah, whichever is there and works.

# docker's and podman's clients may be there without an engine that answers; only asking tells.
if [ -n "${IMAGE_TOOL:-}" ]; then tool=$IMAGE_TOOL
elif have docker && docker info > /dev/null 2>&1; then tool=docker
elif have podman && podman info > /dev/null 2>&1; then tool=podman
else
  { have buildah || [ "$(id -u)" = 0 ]; } || fail "images are built with docker, podman or buildah, and none of them is here and works"
  debian_packages buildah=buildah
  tool=buildah
fi

# As root, buildah keeps what it builds and the stand-ins apart from the machine's own images.
buildah() {
  if [ "$(id -u)" != 0 ]; then command buildah "$@"; return; fi
  command buildah --root "$cache/images/storage" --runroot /run/mds-images --storage-driver overlay "$@"
}

# image_build IMAGE DOCKERFILE FOLDER [ARGUMENT...]: builds FOLDER into the image; prints the build's output only when it fails.
image_build() {
  local image=$1 dockerfile=$2 folder=$3; shift 3
  local base options=("$@" --file "$dockerfile")
  local nuget=${HOME:-/root}/.nuget/NuGet/NuGet.Config
  [ ! -e "$nuget" ] || options+=(--secret "id=nuget-config,src=$nuget")
  if [ "$tool" = buildah ]; then
    for base in $(sed -n 's/^FROM \([^ ]*\).*/\1/p' "$dockerfile"); do base_image "$base"; done
    options+=(--isolation chroot --network host --layers --pull-never --build-arg "TARGETARCH=$(dpkg --print-architecture)")
    # The machine's own trust in certificates, which a package source inside its network may need.
    [ ! -d /etc/ssl/certs ] || options+=(--volume /etc/ssl/certs:/etc/ssl/certs:ro)
  fi
  say "building image $image with $tool"
  if [ "$tool" = buildah ] && grep -q '^FROM .* AS build$' "$dockerfile"; then
    # By a name of its own the build stage's latest layers outlive the removal, below, of what nothing has use for.
    quietly buildah build "${options[@]}" --target build --tag "localhost/build-stage/${image##*/}" "$folder"
  fi
  quietly "$tool" build "${options[@]}" --tag "$image" "$folder"
  [ "$tool" != buildah ] || quietly buildah rmi --prune --force
}

# image_tag IMAGE NAME: gives the image a second name.
image_tag() { $tool tag "$1" "$2"; }

# image_untag NAME: takes one of an image's names away.
image_untag() { $tool rmi "$1" > /dev/null; }

# image_save IMAGE FILE: writes the image as an archive that `docker load` and `ctr images import` take.
image_save() {
  rm -f "$2"
  case $tool in
    docker) docker save --output "$2" "$1" ;;
    podman) podman save --quiet --format docker-archive --output "$2" "$1" ;;
    buildah) buildah push --quiet "$1" "docker-archive:$2:$1" ;;
  esac
}

# base_image NAME: sees to it that the image a Dockerfile builds on is there. Where no registry answers, a stand-in for it
# is made from Debian packages and this machine's .NET SDK, and given its very name, so that the Dockerfile stays as it is.
base_image() {
  if buildah inspect --type image "$1" > /dev/null 2>&1 && ! outdated_stand_in "$1"; then return; fi
  if buildah pull --quiet --policy always "$1" > /dev/null 2>&1; then return; fi
  case $1 in
    docker.io/library/debian:13-slim | mcr.microsoft.com/dotnet/runtime-deps:10.0-*) debian_stand_in "$1" ;;
    mcr.microsoft.com/dotnet/sdk:10.0) sdk_stand_in "$1" ;;
    *) fail "the image $1 cannot be pulled, and there is no stand-in for it" ;;
  esac
}

# What a stand-in is made of, by its recipe below and by the SDK; it is made anew when that has changed.
stand_in_of() {
  declare -f debian_stand_in sdk_stand_in | sha256sum | cut -c1-12
  [[ $1 != */sdk:* ]] || dotnet --version
}

outdated_stand_in() {
  local made_of; made_of=$(buildah inspect --type image --format '{{index .OCIv1.Config.Labels "mds.stand-in"}}' "$1")
  [ -n "$made_of" ] && [ "$made_of" != "$(stand_in_of "$1" | paste -sd' ')" ]
}

commit_stand_in() { # CONTAINER NAME
  buildah config --label "mds.stand-in=$(stand_in_of "$2" | paste -sd' ')" "$1"
  buildah commit --quiet --rm "$1" "$2" > /dev/null
}

debian_stand_in() {
  debian_packages debootstrap=debootstrap debian-archive-keyring
  say "$1 cannot be pulled: making a stand-in from Debian packages"
  local mirror work container
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | head -n 1)
  [ -n "$mirror" ] || fail "this machine's package sources name no Debian mirror (apt-get update makes them known)"
  mkdir -p "$cache"; work=$(mktemp -d -p "$cache" stand-in.XXXXXX)
  if ! debootstrap --variant=minbase --include=ca-certificates,libssl3t64,libstdc++6 trixie "$work" "$mirror" > "$work.log" 2>&1; then
    tail -n 20 "$work.log" >&2; rm -rf "$work" "$work.log"
    fail "debootstrap could not make a Debian"
  fi
  rm -rf "$work"/var/cache/apt/archives/*.deb "$work"/var/lib/apt/lists/*
  container=$(buildah from scratch)
  buildah copy --quiet "$container" "$work" / > /dev/null
  rm -rf "$work" "$work.log"
  buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --cmd bash "$container"
  commit_stand_in "$container" docker.io/library/debian:13-slim
  container=$(buildah from docker.io/library/debian:13-slim)
  commit_stand_in "$container" mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled
}

sdk_stand_in() {
  have dotnet || fail "$1 cannot be pulled, and this machine has no .NET SDK to make a stand-in of"
  base_image docker.io/library/debian:13-slim
  say "$1 cannot be pulled: making a stand-in from this machine's .NET SDK $(dotnet --version)"
  local container; container=$(buildah from docker.io/library/debian:13-slim)
  buildah copy --quiet "$container" "$(dirname "$(realpath "$(command -v dotnet)")")" /usr/share/dotnet > /dev/null
  buildah run --isolation chroot "$container" ln -s /usr/share/dotnet/dotnet /usr/bin/dotnet
  buildah config --env DOTNET_CLI_TELEMETRY_OPTOUT=1 --env DOTNET_NOLOGO=1 \
    --env DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 --env NUGET_CERT_REVOCATION_MODE=offline "$container"
  commit_stand_in "$container" "$1"
}
