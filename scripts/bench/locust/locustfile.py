"""The request of the bench: one POST after another on a kept connection, without a pause."""

from locust import FastHttpUser, HttpUser, constant, task


class BenchHttpUser(HttpUser):
    wait_time = constant(0)

    @task
    def post(self):
        self.client.post("/", allow_redirects=False)


class BenchFastHttpUser(FastHttpUser):
    wait_time = constant(0)

    @task
    def post(self):
        self.client.post("/", allow_redirects=False)
