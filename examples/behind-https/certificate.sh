#!/bin/sh
# Makes an authority of its own and by it a certificate for models.zerodrop.test, with OpenSSL 3. Writes the authority's certificate to ca.pem beside this file, and
# prints the Secret that front.yaml names. Neither key stays anywhere else: for the next certificate it makes a new authority.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
  -subj "/CN=models.zerodrop.test authority" -addext keyUsage=critical,keyCertSign \
  -keyout "$made/ca.key" -out "$made/ca.pem" 2>"$made/told" || { cat "$made/told" >&2; exit 1; }
openssl req -x509 -CA "$made/ca.pem" -CAkey "$made/ca.key" \
  -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
  -subj "/CN=models.zerodrop.test" -addext subjectAltName=DNS:models.zerodrop.test \
  -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=serverAuth \
  -keyout "$made/tls.key" -out "$made/tls.crt" 2>"$made/told" || { cat "$made/told" >&2; exit 1; }
cp "$made/ca.pem" "$here/ca.pem"

cat <<SECRET
apiVersion: v1
kind: Secret
metadata:
  name: models-zerodrop-test
  namespace: front
type: kubernetes.io/tls
data:
  tls.crt: $(openssl base64 -A -in "$made/tls.crt")
  tls.key: $(openssl base64 -A -in "$made/tls.key")
SECRET
