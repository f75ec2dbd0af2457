# Sourced after common.sh and image-tool.sh: which cluster is used, and how images get into it.

# use_cluster NAME: the cluster that KUBECONFIG names when it is set, else a one-node cluster NAME of this machine, started
# if it does not run. Sets KUBECONFIG, and own_cluster to NAME or nothing.
use_cluster() {
  debian_packages kubectl=kubernetes-client
  own_cluster=
  if [ -n "${KUBECONFIG:-}" ]; then
    kubectl get --raw /version > /dev/null || fail "the cluster of KUBECONFIG=$KUBECONFIG does not answer"
    say "using the cluster of KUBECONFIG: context $(kubectl config current-context)"
  else
    KUBECONFIG=$("$here/one-node-cluster" up "$1")
    own_cluster=$1
  fi
  export KUBECONFIG
}

# load_images IMAGE...: puts images into the nodes of the cluster, in the way the cluster has for it.
load_images() {
  local image archive context
  context=$(kubectl config current-context)
  mkdir -p "$cache"; archive=$(mktemp -p "$cache" image.XXXXXX.tar)
  for image in "$@"; do
    say "loading $image into the cluster"
    image_save "$image" "$archive"
    if [ -n "$own_cluster" ]; then "$here/one-node-cluster" load "$own_cluster" "$archive"
    elif [ -n "${IMAGE_LOAD:-}" ]; then sh -c "$IMAGE_LOAD \"\$1\"" IMAGE_LOAD "$archive"
    elif [[ $context = kind-* ]]; then kind load image-archive "$archive" --name "${context#kind-}"
    elif [[ $context = k3d-* ]]; then k3d image import "$archive" --cluster "${context#k3d-}"
    elif [ -n "$(kubectl get nodes --selector minikube.k8s.io/name --output name)" ]; then minikube image load "$archive" --profile "$context"
    else
      rm -f "$archive"
      fail "how images reach the nodes of this cluster is not known: set IMAGE_LOAD to a command that is given an image archive"
    fi > /dev/null
  done
  rm -f "$archive"
}
