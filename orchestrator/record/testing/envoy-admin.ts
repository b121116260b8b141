/**
 * For tests only: what the admin interface of an Envoy 1.40.0 answered that Envoy Gateway 1.8.0 had set up, after some requests had been tried
 * again and some had failed for good. Namespace and name of the route are the tests'; circuit breakers were left out. Beside what was asked
 * for there is what an Envoy tells that does not filter: another cluster, the listener of the readiness probe, histograms.
 */
export const CLUSTERS: unknown = {
  cluster_statuses: [
    {
      name: "httproute/test/app-httproute/rule/0",
      added_via_api: true,
      host_statuses: [
        {
          address: { socket_address: { address: "198.18.0.9", port_value: 8000 } },
          stats: [
            { name: "cx_connect_fail" },
            { value: "16", name: "cx_total" },
            { value: "14", name: "rq_error" },
            { value: "3", name: "rq_success" },
            { name: "rq_timeout" },
            { value: "17", name: "rq_total" },
            { type: "GAUGE", value: "2", name: "cx_active" },
            { type: "GAUGE", name: "rq_active" },
            { type: "GAUGE", name: "rq_pending_active" },
          ],
          health_status: { eds_health_status: "HEALTHY" },
          weight: 1,
          locality: { region: "httproute/test/app-httproute/rule/0/backend/0" },
        },
        {
          address: { socket_address: { address: "198.18.0.10", port_value: 8000 } },
          stats: [
            { name: "cx_connect_fail" },
            { value: "6", name: "cx_total" },
            { value: "4", name: "rq_error" },
            { value: "27", name: "rq_success" },
            { name: "rq_timeout" },
            { value: "31", name: "rq_total" },
            { type: "GAUGE", value: "2", name: "cx_active" },
            { type: "GAUGE", name: "rq_active" },
            { type: "GAUGE", name: "rq_pending_active" },
          ],
          health_status: { eds_health_status: "HEALTHY" },
          weight: 1,
          locality: { region: "httproute/test/app-httproute/rule/0/backend/1" },
        },
      ],
      observability_name: "httproute/test/app-httproute/rule/0",
      eds_service_name: "httproute/test/app-httproute/rule/0",
    },
    {
      name: "xds_cluster",
      host_statuses: [
        {
          address: { socket_address: { address: "198.19.14.164", port_value: 18000 } },
          stats: [{ value: "1", name: "rq_total" }],
          health_status: { eds_health_status: "HEALTHY" },
        },
      ],
    },
  ],
};

export const STATS: unknown = {
  stats: [
    { name: "cluster.httproute/test/app-httproute/rule/0.external.upstream_rq_2xx", value: 65 },
    { name: "cluster.httproute/test/app-httproute/rule/0.external.upstream_rq_5xx", value: 6 },
    { name: "cluster.httproute/test/app-httproute/rule/0.retry.upstream_rq_5xx", value: 28 },
    { name: "cluster.httproute/test/app-httproute/rule/0.upstream_cx_connect_fail", value: 0 },
    { name: "cluster.httproute/test/app-httproute/rule/0.upstream_cx_destroy_remote_with_active_rq", value: 18 },
    { name: "cluster.httproute/test/app-httproute/rule/0.upstream_rq_2xx", value: 65 },
    { name: "cluster.httproute/test/app-httproute/rule/0.upstream_rq_5xx", value: 6 },
    { name: "cluster.httproute/test/app-httproute/rule/0.upstream_rq_pending_overflow", value: 0 },
    { name: "cluster.httproute/test/app-httproute/rule/0.upstream_rq_per_try_timeout", value: 0 },
    { name: "cluster.httproute/test/app-httproute/rule/0.upstream_rq_retry", value: 40 },
    { name: "cluster.httproute/test/app-httproute/rule/0.upstream_rq_retry_success", value: 28 },
    { name: "cluster.httproute/test/app-httproute/rule/0.upstream_rq_rx_reset", value: 0 },
    { name: "cluster.httproute/test/app-httproute/rule/0.upstream_rq_timeout", value: 0 },
    { name: "cluster.httproute/test/app-httproute/rule/0.upstream_rq_total", value: 111 },
    { name: "cluster.httproute/test/app-httproute/rule/0.upstream_rq_tx_reset", value: 0 },
    { name: "http.http-10080.downstream_cx_total", value: 78 },
    { name: "http.http-10080.downstream_rq_2xx", value: 107 },
    { name: "http.http-10080.downstream_rq_4xx", value: 1 },
    { name: "http.http-10080.downstream_rq_5xx", value: 9 },
    { name: "http.http-10080.downstream_rq_active", value: 0 },
    { name: "http.http-10080.downstream_rq_rx_reset", value: 1 },
    { name: "http.http-10080.downstream_rq_total", value: 118 },
    { name: "http.eg-ready-http.downstream_rq_total", value: 135 },
    { name: "server.uptime", value: 455 },
    { histograms: { supported_quantiles: [0, 25], computed_quantiles: [] } },
  ],
};

/** For tests only: what such an Envoy answers that Contour 1.33.8 has set up, with a route to two backends, by the names that Contour gives. */
export const CONTOUR_CLUSTERS: unknown = {
  cluster_statuses: [
    ...[
      { service: "app-a-serve-svc", address: "198.18.0.9", requests: "200", errors: "0" },
      { service: "app-b-serve-svc", address: "198.18.0.10", requests: "118", errors: "2" },
    ].map(({ service, address, requests, errors }) => ({
      name: `test/${service}/8000/da39a3ee5e`,
      added_via_api: true,
      host_statuses: [
        {
          address: { socket_address: { address, port_value: 8000 } },
          stats: [
            { name: "rq_error", value: errors },
            { name: "rq_total", value: requests },
          ],
          health_status: { eds_health_status: "HEALTHY" },
        },
      ],
      observability_name: `test_${service}_8000`,
    })),
    { name: "contour", host_statuses: [] },
    { name: "envoy-admin", host_statuses: [{ address: { pipe: { path: "/admin/admin.sock" } } }] },
  ],
};

export const CONTOUR_STATS: unknown = {
  stats: [
    { name: "cluster.test_app-a-serve-svc_8000.upstream_rq_total", value: 200 },
    { name: "cluster.test_app-b-serve-svc_8000.upstream_cx_connect_fail", value: 2 },
    { name: "cluster.test_app-b-serve-svc_8000.upstream_rq_total", value: 118 },
    { name: "cluster.tests_app-c-serve-svc_8000.upstream_rq_total", value: 7 },
    { name: "cluster.projectcontour_envoy-admin_9001.upstream_rq_total", value: 31 },
    { name: "http.http-80.downstream_rq_5xx", value: 3 },
    { name: "http.http-80.downstream_rq_total", value: 320 },
    { name: "http.envoy-admin.downstream_rq_total", value: 31 },
    { name: "http.stats.downstream_rq_total", value: 90 },
    { name: "server.uptime", value: 40 },
  ],
};
