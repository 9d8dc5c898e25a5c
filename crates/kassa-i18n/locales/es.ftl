### Spanish.

## The page

secured_by = Protegido por Kassa
default_title = Completa tu compra
languages = Idioma
terms_link = Términos y condiciones
privacy_link = Política de privacidad
support_link = Atención al cliente
opens_in_new_tab = (se abre en una pestaña nueva)

## The order

order_summary = Resumen del pedido
quantity = Cantidad
more_lines =
    { $count ->
        [one] Mostrar { $count } línea más
       *[other] Mostrar { $count } líneas más
    }
item = Artículo
discount = Descuento
delivery = Envío
tax = Impuestos
surcharge = Recargo
subtotal = Subtotal
including_tax = Impuestos incluidos
total = Total
order_number = Número de pedido

## Ways to pay

payment_heading = Cómo pagas
pay_now = Pagar ahora
pay_later = Pagar más tarde
pay_over_time = Pagar a plazos
about_pay_now = Paga hoy el importe completo.
about_pay_later = Paga más adelante.
about_pay_over_time = Reparte el importe en varios pagos.
about_direct_debit = El importe se carga en tu cuenta bancaria.
about_direct_bank_transfer = Paga directamente desde tu cuenta bancaria.

## The consumer's details

details_heading = Tus datos
email = Correo electrónico
one_time_code = Código de un solo uso
one_time_code_hint = Seis cifras
sign_up_heading = Tu primera vez aquí
sign_up_hint = Necesitamos algunos datos más, solo esta vez.
given_name = Nombre
family_name = Apellidos
date_of_birth = Fecha de nacimiento

## Buttons, and the payment form

buy = Comprar
rent = Alquilar
book = Reservar
subscribe = Suscribirse
download = Descargar
order = Pedir
continue_purchase = Continuar
pay = Pagar
processing = Procesando…
script_needed = Para pagar aquí se necesita JavaScript. Actívalo en el navegador o vuelve a la tienda.
category_unavailable = Esta forma de pago no está disponible para la compra. Elige otra.
payment_not_finished = El pago no ha terminado. Puedes intentarlo de nuevo.
back = Volver a la tienda
cancel = Cancelar la compra

## Errors and notices

error_prefix = Error:
error_summary = Revisa lo siguiente
category_not_chosen = Elige cómo quieres pagar.
email_not_readable = Introduce un correo electrónico, por ejemplo nombre@example.com.
code_not_readable = Introduce las seis cifras del código.
code_rejected = Este código no es correcto. Revísalo e introdúcelo de nuevo.
given_name_missing = Introduce tu nombre.
family_name_missing = Introduce tus apellidos.
date_of_birth_not_readable = Introduce tu fecha de nacimiento.
order_changed = El pedido ha cambiado. Revisa el nuevo total.
expires_soon = Este enlace de pago caduca a las { $time }. Si necesitas más tiempo, pide un enlace nuevo a la tienda.
category_declined = Esta forma de pago no está disponible para tu compra. Elige otra.

## The explanation of the sandbox

sandbox_heading = Entorno de pruebas: no se mueve dinero real
sandbox_code = seis cifras cualesquiera, excepto 999999
sandbox_approves = el pago se aprueba
sandbox_declines = el pago se rechaza
sandbox_fails = el pago termina en un error técnico
sandbox_signs_up = se piden el nombre y la fecha de nacimiento

## The question before a cancellation

cancel_heading = ¿Cancelar la compra?
cancel_text = No se ha cobrado nada. Si cancelas, este enlace de pago dejará de funcionar.
cancel_confirm = Sí, cancelar la compra
keep_paying = Seguir con el pago

## Outcomes

declined_heading = El pago se ha rechazado
declined_text = No se ha cobrado nada. Puedes intentarlo de nuevo o elegir otra forma de pago en la tienda.
error_heading = Algo ha salido mal
error_text = Un error técnico ha detenido el pago. No se ha cobrado nada.
confirming_heading = Tu pago se está confirmando
confirming_text = Puede tardar unos minutos. No tienes que hacer nada. No vuelvas a pagar: la tienda recibirá el resultado aunque cierres esta página.
completed_heading = Pago confirmado
completed_text = Gracias. La tienda ya lo sabe y se ocupa del resto.
cancelled_heading = La compra está cancelada
cancelled_text = No se ha cobrado nada. Puedes cerrar esta página.
went_back_heading = Has salido del pago
went_back_text = No se ha cobrado nada. Todavía puedes completar tu compra.
disabled_heading = Este enlace de pago ya no es válido
disabled_text = La tienda lo ha retirado. Pídele un enlace nuevo.
expired_heading = Este enlace de pago ha caducado
expired_text = Pide un enlace nuevo a la tienda.
not_found_heading = No conocemos este enlace de pago
not_found_text = Comprueba que el enlace esté completo o pide uno nuevo a la tienda.
unavailable_heading = Inténtalo de nuevo en un momento
unavailable_text = La página de pago no está disponible por ahora. No se ha cobrado nada.
no_payments_heading = Esta tienda no puede aceptar pagos en este momento
no_payments_text = No se ha cobrado nada. Pregunta a la tienda cómo puedes pagar.
retry = Intentar de nuevo
continue_to_shop = Continuar a la tienda
return_to_shop = Volver a la tienda
moving_on = En un momento volverás a la tienda. Si no ocurre nada, usa el botón.

## In a shop with staff

id_check_heading = Muestra tu documento de identidad
id_check_text = Muestra al personal tu documento de identidad y este código. Esta página continuará sola cuando los hayan comprobado.
id_check_code = Código
display_heading = Escanea el código para pagar
display_text = Apunta con la cámara del teléfono al código y abre el enlace.
status_waiting = Esperando al cliente
status_in_progress = El cliente está pagando
status_back = El cliente ha salido del pago
status_timed_out = El cliente no ha terminado el pago
staff_title = Pago en la tienda
staff_scan = El cliente escanea este código con un teléfono y paga en él.
staff_open_display = Abrir la pantalla para el cliente
staff_send_email = Enviar el enlace por correo electrónico
staff_send_sms = Enviar el enlace por SMS
phone = Número de teléfono
staff_send = Enviar
staff_sent = El enlace se enviará en un momento.
staff_not_sent = El enlace no se ha enviado. Revisa la dirección o el número y, si son correctos, inténtalo de nuevo más tarde.
staff_id_check_heading = Comprueba el documento de identidad
staff_id_check_text = Compara el código con el del teléfono del cliente. Después compara el documento con la persona que tienes delante.
staff_id_check_pass = El documento es correcto
staff_id_check_fail = Rechazar el pago
staff_id_check_over = Esta comprobación ha terminado. El cliente puede intentar pagar de nuevo.
staff_disable = Retirar el enlace
staff_disable_text = El cliente ya no podrá pagar con este enlace.
staff_disable_yes = Sí, retirar el enlace

## Messages

message_subject = Tu compra en { $shop }
message_text = Completa tu compra en { $shop }: { $link }
