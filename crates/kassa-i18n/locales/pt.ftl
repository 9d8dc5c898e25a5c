### Portuguese.

## The page

secured_by = Protegido por Kassa
default_title = Conclua a sua compra
languages = Idioma
terms_link = Termos e condições
privacy_link = Política de privacidade
support_link = Apoio ao cliente
opens_in_new_tab = (abre num novo separador)

## The order

order_summary = Resumo da encomenda
quantity = Quantidade
more_lines =
    { $count ->
        [one] Mostrar mais { $count } linha
       *[other] Mostrar mais { $count } linhas
    }
item = Artigo
discount = Desconto
delivery = Entrega
tax = Imposto
surcharge = Taxa adicional
subtotal = Subtotal
including_tax = Inclui imposto
total = Total
order_number = Número da encomenda

## Ways to pay

payment_heading = Como paga
pay_now = Pagar agora
pay_later = Pagar mais tarde
pay_over_time = Pagar em prestações
about_pay_now = Pague hoje o valor total.
about_pay_later = Pague mais tarde.
about_pay_over_time = Divida o valor por vários pagamentos.
about_direct_debit = O valor é debitado na sua conta bancária.
about_direct_bank_transfer = Pague diretamente da sua conta bancária.

## The consumer's details

details_heading = Os seus dados
email = Endereço de e-mail
one_time_code = Código de utilização única
one_time_code_hint = Seis algarismos
sign_up_heading = A sua primeira vez aqui
sign_up_hint = Precisamos de mais alguns dados, só desta vez.
given_name = Nome próprio
family_name = Apelido
date_of_birth = Data de nascimento

## Buttons, and the payment form

buy = Comprar
rent = Alugar
book = Reservar
subscribe = Subscrever
download = Transferir
order = Encomendar
continue_purchase = Continuar
pay = Pagar
processing = A processar…
script_needed = Para pagar aqui é necessário JavaScript. Ative-o no navegador ou volte à loja.
category_unavailable = Esta forma de pagamento não está disponível para a compra. Escolha outra.
payment_not_finished = O pagamento não terminou. Pode tentar novamente.
back = Voltar à loja
cancel = Cancelar a compra

## Errors and notices

error_prefix = Erro:
error_summary = Verifique o seguinte
category_not_chosen = Escolha como pretende pagar.
email_not_readable = Introduza um endereço de e-mail, por exemplo nome@example.com.
code_not_readable = Introduza os seis algarismos do código.
code_rejected = Este código não está correto. Verifique-o e introduza-o novamente.
given_name_missing = Introduza o seu nome próprio.
family_name_missing = Introduza o seu apelido.
date_of_birth_not_readable = Introduza a sua data de nascimento.
order_changed = A encomenda mudou. Verifique o novo total.
expires_soon = Esta ligação de pagamento expira às { $time }. Se precisar de mais tempo, peça à loja uma nova ligação.
category_declined = Esta forma de pagamento não está disponível para a sua compra. Escolha outra.

## The explanation of the sandbox

sandbox_heading = Ambiente de testes: não é movimentado dinheiro real
sandbox_code = seis algarismos quaisquer, exceto 999999
sandbox_approves = o pagamento é aprovado
sandbox_declines = o pagamento é recusado
sandbox_fails = o pagamento termina num erro técnico
sandbox_signs_up = são pedidos o nome e a data de nascimento

## The question before a cancellation

cancel_heading = Cancelar a compra?
cancel_text = Nada foi cobrado. Se cancelar, esta ligação de pagamento deixa de funcionar.
cancel_confirm = Sim, cancelar a compra
keep_paying = Continuar a pagar

## Outcomes

declined_heading = O pagamento foi recusado
declined_text = Nada foi cobrado. Pode tentar novamente ou escolher outra forma de pagamento na loja.
error_heading = Algo correu mal
error_text = Um erro técnico interrompeu o pagamento. Nada foi cobrado.
confirming_heading = O seu pagamento está a ser confirmado
confirming_text = Pode demorar alguns minutos. Não precisa de fazer nada. Não pague novamente: a loja recebe o resultado mesmo que feche esta página.
completed_heading = Pagamento confirmado
completed_text = Obrigado. A loja foi informada e trata do resto.
cancelled_heading = A compra está cancelada
cancelled_text = Nada foi cobrado. Pode fechar esta página.
went_back_heading = Saiu do pagamento
went_back_text = Nada foi cobrado. Ainda pode concluir a sua compra.
disabled_heading = Esta ligação de pagamento já não é válida
disabled_text = A loja retirou-a. Peça à loja uma nova ligação.
expired_heading = Esta ligação de pagamento expirou
expired_text = Peça à loja uma nova ligação.
not_found_heading = Não conhecemos esta ligação de pagamento
not_found_text = Verifique se a ligação está completa ou peça uma nova à loja.
unavailable_heading = Tente novamente dentro de momentos
unavailable_text = A página de pagamento está temporariamente indisponível. Nada foi cobrado.
no_payments_heading = Esta loja não pode aceitar pagamentos de momento
no_payments_text = Nada foi cobrado. Pergunte à loja como pode pagar.
retry = Tentar novamente
continue_to_shop = Continuar para a loja
return_to_shop = Voltar à loja
moving_on = Dentro de momentos voltará à loja. Se nada acontecer, utilize o botão.

## In a shop with staff

id_check_heading = Mostre o seu documento de identificação
id_check_text = Mostre aos funcionários o seu documento de identificação e este código. Depois da verificação, esta página avança sozinha.
id_check_code = Código
display_heading = Digitalize o código para pagar
display_text = Aponte a câmara do seu telemóvel para o código e abra a ligação.
status_waiting = À espera do cliente
status_in_progress = O cliente está a pagar
status_back = O cliente saiu do pagamento
status_timed_out = O cliente não terminou o pagamento
staff_title = Pagamento na loja
staff_scan = O cliente digitaliza este código com um telemóvel e paga nele.
staff_open_display = Abrir o ecrã para o cliente
staff_send_email = Enviar a ligação por e-mail
staff_send_sms = Enviar a ligação por SMS
phone = Número de telefone
staff_send = Enviar
staff_sent = A ligação será enviada dentro de momentos.
staff_not_sent = A ligação não foi enviada. Verifique o endereço ou o número e, se estiverem corretos, tente novamente mais tarde.
staff_id_check_heading = Verifique o documento de identificação
staff_id_check_text = Compare o código com o do telemóvel do cliente. Depois compare o documento com a pessoa à sua frente.
staff_id_check_pass = O documento está correto
staff_id_check_fail = Recusar o pagamento
staff_id_check_over = Esta verificação terminou. O cliente pode tentar pagar novamente.
staff_disable = Retirar a ligação
staff_disable_text = O cliente deixa de poder pagar com esta ligação.
staff_disable_yes = Sim, retirar a ligação

## Messages

message_subject = A sua compra em { $shop }
message_text = Conclua a sua compra em { $shop }: { $link }
