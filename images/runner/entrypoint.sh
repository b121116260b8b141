#!/bin/sh
# Starts zerodrop in a pod. With a service account mounted it has a kubeconfig with one context, in-cluster, which names the files of the token and of the
# certificate authority: the kubelet changes the token under way, so it is never copied. A KUBECONFIG that is set already stays.
set -u

# Where the kubelet mounts it; settable for a token that is projected elsewhere.
account=${ZERODROP_SERVICE_ACCOUNT:-/var/run/secrets/kubernetes.io/serviceaccount}

# Exit codes of the shell's own, 1 and 2, would be taken for verdicts.
fail() {
  echo "zerodrop: $1" >&2
  exit 69
}

if [ -z "${KUBECONFIG:-}" ] && [ -r "$account/token" ]; then
  [ -r "$account/ca.crt" ] || fail "The service account must have its ca.crt beside its token; $account has none that can be read."
  [ -n "${KUBERNETES_SERVICE_HOST:-}" ] && [ -n "${KUBERNETES_SERVICE_PORT:-}" ] ||
    fail "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must say where the API server is, as in every pod; one of them is not set."
  case $KUBERNETES_SERVICE_HOST in
    *:*) host="[$KUBERNETES_SERVICE_HOST]" ;;
    *) host=$KUBERNETES_SERVICE_HOST ;;
  esac
  KUBECONFIG=${TMPDIR:-/tmp}/zerodrop-kubeconfig
  export KUBECONFIG
  cat > "$KUBECONFIG" <<END || fail "The folder ${TMPDIR:-/tmp} must be writable; $KUBECONFIG could not be written."
apiVersion: v1
kind: Config
clusters:
  - name: in-cluster
    cluster:
      server: "https://$host:$KUBERNETES_SERVICE_PORT"
      certificate-authority: "$account/ca.crt"
users:
  - name: service-account
    user:
      tokenFile: "$account/token"
contexts:
  - name: in-cluster
    context:
      cluster: in-cluster
      user: service-account
END
fi

exec zerodrop "$@"
