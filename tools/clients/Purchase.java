import com.klarna.rest.Client;
import com.klarna.rest.api.hosted_payment_page.model.*;
import com.klarna.rest.api.order_management.OrderManagementCapturesApi;
import com.klarna.rest.api.order_management.OrderManagementRefundsApi;
import com.klarna.rest.api.order_management.model.*;
import com.klarna.rest.api.payments.model.*;
import com.klarna.rest.http_transport.HttpUrlConnectionTransport;
import com.klarna.rest.model.ApiException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Does a whole purchase with the vendor's Java SDK and its default transport. */
public class Purchase {
    static final String URL = System.getenv("KASSA_URL");
    static final String USERNAME = System.getenv("KASSA_USERNAME");
    static final String PASSWORD = System.getenv("KASSA_PASSWORD");

    public static void main(String[] args) throws Exception {
        Client client = new Client(new HttpUrlConnectionTransport(USERNAME, PASSWORD, URI.create(URL)));

        String payment = client.newPaymentsSessionsApi().create(cart()).getSessionId();
        done("create a payment session");
        PaymentsSession read = client.newPaymentsSessionsApi().fetch(payment);
        equal(read.getStatus(), PaymentsSession.StatusEnum.INCOMPLETE, "read the payment session");
        client.newPaymentsSessionsApi().update(payment, cart().merchantReference1("java"));
        done("update the payment session");

        String session = createPageSession(client, payment);
        HPPSessionResponseV1 page = client.newHPPSessionsApi().fetch(session);
        equal(page.getStatus(), HPPSessionResponseV1.StatusEnum.WAITING, "read the page session");
        distribute(client, session);
        act(session, "enter");
        act(session, "approve");
        page = client.newHPPSessionsApi().fetch(session);
        equal(page.getStatus(), HPPSessionResponseV1.StatusEnum.COMPLETED, "read the completed page session");

        PaymentsOrder order = client.newPaymentsOrdersApi().create(page.getAuthorizationToken(), order());
        equal(order.getFraudStatus(), "ACCEPTED", "place the order");
        manage(client, order.getOrderId());
        disableAnother(client);
        refuse(client);
    }

    static void manage(Client client, String id) throws Exception {
        OrderManagementOrder order = client.newOrderManagementOrdersApi().fetch(id);
        equal(order.getRemainingAuthorizedAmount(), 62400L, "read the order");
        client.newOrderManagementOrdersApi().acknowledgeOrder(id);
        done("acknowledge the order");

        OrderManagementCapturesApi captures = client.newOrderManagementCapturesApi(id);
        String capture = captures.create(new OrderManagementCaptureObject().capturedAmount(62400L).reference("c-1"));
        done("capture the order");
        equal(captures.fetch().getCapturedAmount(), 62400L, "read the capture at its Location");
        equal(captures.fetch(capture).getCaptureId(), capture, "read the capture by its id");
        equal(captures.fetchAll().length, 1, "list the captures");
        captures.triggerSendout(capture);
        done("send the capture again");

        OrderManagementRefundsApi refunds = client.newOrderManagementRefundsApi(id);
        String refund = refunds.create(new OrderManagementRefundObject().refundedAmount(2900L).description("too late"));
        equal(refunds.fetch().getRefundedAmount(), 2900L, "refund a part, and read the refund at its Location");
        equal(refunds.fetch(refund).getRefundId(), refund, "read the refund by its id");
        order = client.newOrderManagementOrdersApi().fetch(id);
        equal(order.getStatus(), OrderManagementOrder.StatusEnum.CAPTURED, "read the captured order");
        equal(order.getRefundedAmount(), 2900L, "see the refund in the order");
    }

    static void disableAnother(Client client) throws Exception {
        String payment = client.newPaymentsSessionsApi().create(cart()).getSessionId();
        String session = createPageSession(client, payment);
        client.newHPPSessionsApi().disable(session);
        HPPSessionResponseV1 page = client.newHPPSessionsApi().fetch(session);
        equal(page.getStatus(), HPPSessionResponseV1.StatusEnum.DISABLED, "disable a page session");
    }

    static void refuse(Client client) throws Exception {
        try {
            client.newHPPSessionsApi().fetch("00000000-0000-0000-0000-000000000000");
            throw new AssertionError("an unknown page session was found");
        } catch (ApiException refused) {
            equal(refused.getHttpStatus(), 404, "get a typed exception for an unknown page session");
            equal(refused.getErrorMessage().getErrorCode(), "NOT_FOUND", "find the error code in it");
        }
    }

    static String createPageSession(Client client, String payment) throws Exception {
        HPPSessionCreationResponseV1 created = client.newHPPSessionsApi().create(new HPPSessionCreationRequestV1()
            .paymentSessionUrl(URL + "/payments/v1/sessions/" + payment)
            .merchantUrls(new HPPMerchantUrlsV1().success("https://shop.example/thanks?token={{authorization_token}}")
                .cancel("https://shop.example/cart").back("https://shop.example/cart")
                .failure("https://shop.example/failed").error("https://shop.example/failed")
                .terms("https://shop.example/terms").privacyPolicy("https://shop.example/privacy"))
            .options(new HPPOptionsV1().purchaseType(HPPOptionsV1.PurchaseTypeEnum.BUY)));
        equal(created.getRedirectUrl().startsWith(URL), true, "create a page session");
        return created.getSessionId();
    }

    static void distribute(Client client, String session) throws Exception {
        client.newHPPSessionsApi().distributeLink(session, new HPPDistributionRequestV1()
            .method(HPPDistributionRequestV1.MethodEnum.EMAIL)
            .contactInformation(new HPPDistributionContactV1().email("customer@email.se")));
        done("send the link by e-mail");
    }

    static PaymentsSession cart() {
        return new PaymentsSession().purchaseCountry("SE").purchaseCurrency("SEK").locale("sv-SE")
            .orderAmount(62400L).orderTaxAmount(10400L)
            .addOrderLinesItem(line("Running shoe", "physical", 59500L, 9917L))
            .addOrderLinesItem(line("Delivery", "shipping_fee", 2900L, 483L));
    }

    static PaymentsCreateOrderRequest order() {
        return new PaymentsCreateOrderRequest().purchaseCountry("SE").purchaseCurrency("SEK").locale("sv-SE")
            .orderAmount(62400L).orderTaxAmount(10400L).orderLines(cart().getOrderLines())
            .merchantReference1("java").merchantUrls(new PaymentsMerchantUrls()
                .confirmation("https://shop.example/thanks?order={order.id}"));
    }

    static PaymentsOrderLine line(String name, String type, long total, long tax) {
        return new PaymentsOrderLine().name(name).type(type).quantity(1L).unitPrice(total).taxRate(2000L)
            .totalAmount(total).totalTaxAmount(tax).totalDiscountAmount(0L);
    }

    /** The consumer's part, which no merchant's client has: the lab does it. */
    static void act(String session, String action) throws Exception {
        URI uri = URI.create(URL + "/lab/v1/sessions/" + session + "/" + action);
        HttpURLConnection call = (HttpURLConnection) uri.toURL().openConnection();
        byte[] credential = (USERNAME + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8);
        call.setRequestProperty("Authorization", "Basic " + Base64.getEncoder().encodeToString(credential));
        call.setRequestMethod("POST");
        equal(call.getResponseCode(), 200, "consumer: " + action);
    }

    static void equal(Object found, Object expected, String step) {
        if (!expected.equals(found)) {
            throw new AssertionError(step + ": expected " + expected + ", found " + found);
        }
        done(step);
    }

    static void done(String step) {
        System.out.println("  ok " + step);
    }
}
